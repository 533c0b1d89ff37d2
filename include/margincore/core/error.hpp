// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// What went wrong, and where in the caller's data. The message is `<where>: <what must hold>, got <value>`.
class Error : public std::runtime_error {
public:
    /// The path into the caller's data: `account.positions[3].quantity`.
    [[nodiscard]] const std::string& where() const noexcept { return where_; }

    /// What must hold, and what came instead: the message without its place.
    [[nodiscard]] std::string_view rule() const noexcept {
        return std::string_view(what()).substr(where_.empty() ? 0 : where_.size() + 2);
    }

protected:
    Error(std::string where, std::string_view what)
        : std::runtime_error(where.empty() ? std::string(what) : where + ": " + std::string(what)),
          where_(std::move(where)) {}

private:
    std::string where_;
};

/// The data is there and breaks a rule. Python: ValueError.
class InvalidInput : public Error {
public:
    InvalidInput(const Where& where, std::string_view what) : Error(where.text(), what) {}
};

/// The data that a computation needs is not there. Python: LookupError.
class MissingData : public Error {
public:
    MissingData(const Where& where, std::string_view what) : Error(where.text(), what) {}
};

/// The data is right and asks for something that this version does not compute. Python: NotImplementedError.
class Unsupported : public Error {
public:
    Unsupported(const Where& where, std::string_view what) : Error(where.text(), what) {}
};

/// The figures cannot be carried in double arithmetic. Python: ArithmeticError.
class NumericalFailure : public Error {
public:
    NumericalFailure(const Where& where, std::string_view what) : Error(where.text(), what) {}
};

/// The same error at another place: what a calculation on columns refused, where it stands in the caller's data.
///
/// @param error  Of an `Error`.
[[nodiscard]] inline std::exception_ptr error_at(const std::exception_ptr& error, const Where& where) {
    try {
        std::rethrow_exception(error);
    } catch (const InvalidInput& e) {
        return std::make_exception_ptr(InvalidInput(where, e.rule()));
    } catch (const MissingData& e) {
        return std::make_exception_ptr(MissingData(where, e.rule()));
    } catch (const Unsupported& e) {
        return std::make_exception_ptr(Unsupported(where, e.rule()));
    } catch (const NumericalFailure& e) {
        return std::make_exception_ptr(NumericalFailure(where, e.rule()));
    }
}

} // namespace margincore
