// SPDX-License-Identifier: Apache-2.0
#include "arrow_export.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include "arrow_c_data.hpp"

namespace py = pybind11;

namespace margincore::python {

namespace {

/// Everything that an exported batch points to; each structure holds a share of it.
struct Batch {
    std::vector<ExportedColumn> columns;
    std::size_t rows;
    std::size_t failures;
    std::vector<std::uint8_t> computed; // a bit a row
    std::vector<std::uint8_t> failed;   // a bit a row
    std::vector<std::vector<std::int64_t>> text_offsets;
    std::vector<std::string> text_bytes;
    std::vector<std::array<const void*, 3>> buffers;
    std::array<const void*, 1> no_buffers{nullptr};
    std::shared_ptr<const void> owner;
};

using Share = std::shared_ptr<Batch>;

/// What a structure holds until it is released.
template <class Structure>
struct Held {
    Share batch;
    std::vector<Structure> children{};
    std::vector<Structure*> pointers{};
};

template <class Structure>
void release(Structure* structure) {
    auto* held = static_cast<Held<Structure>*>(structure->private_data);
    for (Structure& child : held->children) {
        if (child.release != nullptr) {
            child.release(&child);
        }
    }
    structure->release = nullptr;
    delete held;
}

ArrowSchema schema_of(const Share& batch, const char* format, const char* name) {
    return {.format = format,
            .name = name,
            .metadata = nullptr,
            .flags = arrow_flag_nullable,
            .n_children = 0,
            .children = nullptr,
            .dictionary = nullptr,
            .release = &release<ArrowSchema>,
            .private_data = new Held<ArrowSchema>{batch}};
}

ArrowArray array_of(const Share& batch, std::size_t null_count, std::int64_t n_buffers, const void** buffers) {
    return {.length = static_cast<std::int64_t>(batch->rows),
            .null_count = static_cast<std::int64_t>(null_count),
            .offset = 0,
            .n_buffers = n_buffers,
            .n_children = 0,
            .buffers = buffers,
            .children = nullptr,
            .dictionary = nullptr,
            .release = &release<ArrowArray>,
            .private_data = new Held<ArrowArray>{batch}};
}

template <class Structure>
void adopt(Structure& parent, std::vector<Structure> children) {
    auto* held = static_cast<Held<Structure>*>(parent.private_data);
    held->children = std::move(children);
    for (Structure& child : held->children) {
        held->pointers.push_back(&child);
    }
    parent.n_children = static_cast<std::int64_t>(held->children.size());
    parent.children = held->pointers.data();
}

ArrowSchema batch_schema(const Share& batch) {
    std::vector<ArrowSchema> children;
    for (const ExportedColumn& column : batch->columns) {
        children.push_back(schema_of(batch, column.is_text ? "U" : "g", column.name.c_str()));
    }
    ArrowSchema schema = schema_of(batch, "+s", "");
    adopt(schema, std::move(children));
    return schema;
}

ArrowArray batch_array(const Share& batch) {
    std::vector<ArrowArray> children;
    for (std::size_t i = 0; i < batch->columns.size(); ++i) {
        const bool is_text = batch->columns[i].is_text;
        children.push_back(array_of(batch, is_text ? batch->rows - batch->failures : batch->failures, is_text ? 3 : 2,
                                    batch->buffers[i].data()));
    }
    ArrowArray array = array_of(batch, 0, 1, batch->no_buffers.data());
    adopt(array, std::move(children));
    return array;
}

struct Stream {
    Share batch;
    bool is_read = false;
};

Stream& of(ArrowArrayStream* stream) { return *static_cast<Stream*>(stream->private_data); }

void release_stream(ArrowArrayStream* stream) {
    delete &of(stream);
    stream->release = nullptr;
}

void delete_stream(PyObject* capsule) {
    auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule, "arrow_array_stream"));
    if (stream->release != nullptr) {
        stream->release(stream);
    }
    delete stream;
}

/// Texts as Arrow keeps them: offsets into bytes.
void pack_texts(Batch& batch, const ExportedColumn& column, const std::vector<std::size_t>& failed) {
    auto& offsets = batch.text_offsets.emplace_back();
    auto& bytes = batch.text_bytes.emplace_back();
    offsets.reserve(batch.rows + 1);
    for (std::size_t i = 0; i < failed.size(); ++i) {
        offsets.resize(failed[i] + 1, static_cast<std::int64_t>(bytes.size()));
        bytes += column.texts[i];
    }
    offsets.resize(batch.rows + 1, static_cast<std::int64_t>(bytes.size()));
}

} // namespace

py::capsule export_stream(std::vector<ExportedColumn> columns, std::size_t rows, const std::vector<std::size_t>& failed,
                          const std::shared_ptr<const void>& owner) {
    auto batch = std::make_shared<Batch>();
    batch->rows = rows;
    batch->failures = failed.size();
    batch->owner = owner;
    batch->computed.assign((rows + 7) / 8, 0xff);
    batch->failed.assign((rows + 7) / 8, 0);
    for (const std::size_t row : failed) {
        const auto bit = static_cast<std::uint8_t>(1U << row % 8);
        batch->computed[row / 8] = static_cast<std::uint8_t>(batch->computed[row / 8] & ~bit);
        batch->failed[row / 8] = static_cast<std::uint8_t>(batch->failed[row / 8] | bit);
    }
    batch->text_bytes.reserve(columns.size()); // so that none moves
    for (ExportedColumn& column : columns) {
        if (column.is_text) {
            pack_texts(*batch, column, failed);
            batch->buffers.push_back(
                {batch->failed.data(), batch->text_offsets.back().data(), batch->text_bytes.back().data()});
            column.texts.clear();
        } else {
            const void* computed = failed.empty() ? nullptr : batch->computed.data();
            batch->buffers.push_back({computed, column.numbers.data(), nullptr});
        }
    }
    batch->columns = std::move(columns);

    auto stream = std::make_unique<ArrowArrayStream>();
    stream->get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
        *out = batch_schema(of(self).batch);
        return 0;
    };
    stream->get_next = [](ArrowArrayStream* self, ArrowArray* out) {
        if (std::exchange(of(self).is_read, true)) {
            *out = {};
        } else {
            *out = batch_array(of(self).batch);
        }
        return 0;
    };
    stream->get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    stream->release = &release_stream;
    stream->private_data = new Stream{batch};
    PyObject* capsule = PyCapsule_New(stream.release(), "arrow_array_stream", &delete_stream);
    return py::reinterpret_steal<py::capsule>(capsule);
}

} // namespace margincore::python
