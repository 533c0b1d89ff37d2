// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/document/json.hpp>
#include <margincore/stream/margin_engine.hpp>
#include <margincore/stream/merge.hpp>

#include "python_value.hpp"

namespace py = pybind11;
using namespace margincore;

namespace {

stream::MarginEngine make_engine(const py::object& settings) {
    return stream::MarginEngine(stream::read_settings(python::to_value(settings, Where("settings"))));
}

py::object from_json(const std::string& text) { return py::module_::import("json").attr("loads")(text); }

[[noreturn]] void refuse_element(const char* name, std::size_t i, std::string_view type, const py::handle& got) {
    const Where column(name);
    throw InvalidInput(column[i], "must be " + std::string(type) + ", got " +
                                      py::type::of(got).attr("__name__").cast<std::string>());
}

/// The bytes of an element of a list; nothing for None.
std::optional<std::string_view> bytes_of(const py::list& column, const char* name, std::size_t i) {
    const py::handle element = column[i];
    if (!element.is_none() && !py::isinstance<py::bytes>(element)) {
        refuse_element(name, i, "bytes or None", element);
    }
    return element.is_none() ? std::nullopt : std::optional(element.cast<std::string_view>());
}

template <class T>
T integer_of(const py::list& column, const char* name, std::size_t i) {
    const py::handle element = column[i];
    try {
        if (py::isinstance<py::int_>(element)) {
            return element.cast<T>();
        }
    } catch (const py::cast_error&) { // too large
    }
    refuse_element(name, i, "an integer of " + std::to_string(8 * sizeof(T)) + " bits", element);
}

/// Takes messages of several partitions, in the order of their events.
///
/// The lists hold the bytes while they are read, and nobody else can drop them: the caller has them too.
void apply_columns(stream::MarginEngine& engine, const py::list& topics, const py::list& partitions,
                   const py::list& offsets, const py::list& timestamps, const py::list& keys, const py::list& values) {
    const std::size_t count = topics.size();
    for (const auto& [name, size] : {std::pair("partitions", partitions.size()), std::pair("offsets", offsets.size()),
                                     std::pair("timestamps", timestamps.size()), std::pair("keys", keys.size()),
                                     std::pair("values", values.size())}) {
        if (size != count) {
            throw InvalidInput(name,
                               "must be as many as topics, " + std::to_string(count) + ", got " + std::to_string(size));
        }
    }
    std::vector<stream::Message> messages;
    messages.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const py::handle topic = topics[i];
        if (!py::isinstance<py::str>(topic)) {
            refuse_element("topics", i, "a string", topic);
        }
        messages.push_back({.topic = topic.cast<std::string_view>(),
                            .partition = integer_of<std::int32_t>(partitions, "partitions", i),
                            .offset = integer_of<std::int64_t>(offsets, "offsets", i),
                            .timestamp = integer_of<std::int64_t>(timestamps, "timestamps", i),
                            .key = bytes_of(keys, "keys", i),
                            .value = bytes_of(values, "values", i)});
    }
    const py::gil_scoped_release release;
    std::vector<stream::ReadMessage> read;
    read.reserve(count);
    for (const stream::Message& message : messages) {
        read.push_back(stream::read_message(message));
    }
    for (const stream::ReadMessage& message : stream::merge_by_time(std::move(read))) {
        engine.apply(message);
    }
}

py::tuple take(stream::MarginEngine& engine) {
    py::list topics;
    py::list keys;
    py::list values;
    for (const stream::Output& output : engine.take()) {
        topics.append(py::str(output.topic.data(), output.topic.size()));
        keys.append(py::str(output.key));
        values.append(py::str(output.value));
    }
    return py::make_tuple(topics, keys, values);
}

py::dict counts(const stream::MarginEngine& engine) {
    const stream::EngineCounts& of = engine.counts();
    py::dict result;
    for (const auto& [name, count] :
         {std::pair("messages", of.messages), std::pair("fills", of.fills), std::pair("movements", of.movements),
          std::pair("repeated", of.repeated), std::pair("late", of.late), std::pair("dead_letters", of.dead_letters),
          std::pair("evaluations", of.evaluations), std::pair("published", of.results),
          std::pair("stress_points", of.stress_points)}) {
        result[name] = count;
    }
    return result;
}

std::vector<std::string> account_ids(const stream::MarginEngine& engine) {
    std::vector<std::string> ids;
    for (const stream::StreamAccount& account : engine.accounts()) {
        ids.push_back(account.id);
    }
    return ids;
}

} // namespace

void bind_stream(py::module_& module) {
    using stream::MarginEngine;
    py::class_<MarginEngine>(module, "MarginEngine", R"(Turns the events of a stream into margin results.

A pure function of the order of messages: no clock is read. docs/streams.md has the topics, fields and rules.
Outputs collect until they are taken. An engine is not safe for several threads.

Parameters
----------
settings : dict
    `policy`, `benchmark`, `rate`, `instruments`, `default_kind`, `publish_interval_ms`, `stress_interval_ms`,
    `moment_ms`, `settle_ms`, `max_ahead_ms`; all may be left out.

Raises
------
InvalidInput, MissingData, Unsupported
    Naming the key.)")
        .def(py::init(&make_engine), py::arg("settings"))
        .def("apply", &apply_columns, py::arg("topics"), py::arg("partitions"), py::arg("offsets"),
             py::arg("timestamps"), py::arg("keys"), py::arg("values"),
             R"(Take messages, merged by the times of their events, each partition in its own order.

Parameters
----------
topics : list of str
partitions, offsets : list of int
timestamps : list of int
    Of the records, ms since 1970-01-01 UTC; -1 where there is none.
keys, values : list of bytes or None
    What cannot be read becomes a dead letter; nothing is raised for it.)")
        .def("settle", &MarginEngine::settle, py::call_guard<py::gil_scoped_release>(),
             "Close the open moment: for when nothing came for a while.")
        .def("flush", &MarginEngine::flush, py::call_guard<py::gil_scoped_release>(),
             "Close the open moment and publish what was held back: for when nothing came for an interval.")
        .def("republish", &MarginEngine::republish, py::call_guard<py::gil_scoped_release>(),
             "Publish every account, whether or not it was published before: for after a restart.")
        .def("take", &take, "Return topics, keys and values of what is to be written since the last call, in order.")
        .def(
            "save", [](const MarginEngine& self) { return py::bytes(self.save()); },
            "Return all that a later engine needs to go on.")
        .def_static(
            "load",
            [](const py::object& settings, const py::bytes& state) {
                MarginEngine engine = make_engine(settings);
                engine.load(std::string_view(state));
                return engine;
            },
            py::arg("settings"), py::arg("state"),
            "Return an engine that goes on from saved bytes. Raises InvalidInput where they are none.")
        .def(
            "document",
            [](const MarginEngine& self, const std::string& account_id) {
                return from_json(document::to_json(self.document(account_id)));
            },
            py::arg("account_id"), "Return the account document of an account at the newest prices.")
        .def(
            "result",
            [](MarginEngine& self, const std::string& account_id) { return from_json(self.result(account_id)); },
            py::arg("account_id"), "Return what margin.calc.v1 would say of an account now.")
        .def_property_readonly("account_ids", &account_ids, "The accounts, in the order in which they came.")
        .def_property_readonly("has_open_moment", &MarginEngine::has_open_moment,
                               "Whether quotes came that are not evaluated yet.")
        .def_property_readonly("counts", &counts, "What was counted since the log began.");
}
