// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// The Arrow C data and C stream interfaces: plain structures that any library may define, so that columns pass between
// libraries in one process without a copy and without linking to Arrow.
// Source: arrow.apache.org, "The Arrow C data interface" and "The Arrow C stream interface".
extern "C" {

struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    std::int64_t flags;
    std::int64_t n_children;
    ArrowSchema** children;
    ArrowSchema* dictionary;
    void (*release)(ArrowSchema*);
    void* private_data;
};

struct ArrowArray {
    std::int64_t length;
    std::int64_t null_count;
    std::int64_t offset;
    std::int64_t n_buffers;
    std::int64_t n_children;
    const void** buffers;
    ArrowArray** children;
    ArrowArray* dictionary;
    void (*release)(ArrowArray*);
    void* private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
    int (*get_next)(ArrowArrayStream*, ArrowArray* out);
    const char* (*get_last_error)(ArrowArrayStream*);
    void (*release)(ArrowArrayStream*);
    void* private_data;
};
}

namespace margincore::python {

inline constexpr std::int64_t arrow_flag_nullable = 2;

/// Owns one of the structures above and releases it.
template <class Structure>
class ArrowOwner {
public:
    ArrowOwner() = default;
    explicit ArrowOwner(Structure structure) : structure_(structure) {}
    ArrowOwner(const ArrowOwner&) = delete;
    ArrowOwner& operator=(const ArrowOwner&) = delete;
    ~ArrowOwner() {
        if (structure_.release != nullptr) {
            structure_.release(&structure_);
        }
    }

    [[nodiscard]] Structure* get() { return &structure_; }
    Structure* operator->() { return &structure_; }

private:
    Structure structure_{};
};

} // namespace margincore::python
