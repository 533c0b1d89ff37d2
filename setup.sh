#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes this checkout ready on a fresh Debian or Ubuntu; `make` calls it. Quick and silent when nothing is to be done.
#   ./setup.sh demo    compiler, libraries and .venv for the Python module and the demo
#   ./setup.sh stream  the same and what the streams need: Java, Maven, librdkafka, cpp-httplib; spark is the same
#   ./setup.sh test    the same and what the tests need: Catch2, clang with its fuzzer library, CMake and Ninja
#   ./setup.sh install demo|stream|spark|test    the package with that extra in .venv, built anew where its sources changed
# PYTHON and CXX choose the interpreter and the compiler.
set -euo pipefail
cd "$(dirname "$0")"

venv=.venv
say() { printf -- '-- %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# --- interpreter and compiler ---------------------------------------------------------------------------------------

outside_path=${PATH//"$PWD/$venv/bin:"/} # without our own .venv, which must not be made from itself

python_serves() { PATH=$outside_path "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if python_serves "$candidate"; then
            PATH=$outside_path command -v "$candidate"
            return
        fi
    done
    return 1
}

compiler_serves() {
    printf '#if !(__clang_major__ >= 14 || (!defined(__clang__) && __GNUC__ >= 12))\n#error too old\n#endif\n#include <span>\nint main() {}\n' |
        "$1" -std=c++20 -x c++ -o /dev/null - >/dev/null 2>&1
}

find_compiler() {
    local candidate
    for candidate in ${CXX:-c++ g++ g++-15 g++-14 g++-13 g++-12 clang++}; do
        if has "$candidate" && compiler_serves "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

fuzzer_serves() {
    printf '#include <cstddef>\nextern "C" int LLVMFuzzerTestOneInput(const unsigned char*, std::size_t) { return 0; }\n' |
        "${1:-clang++}" -std=c++20 -fsanitize=fuzzer,address,undefined -x c++ -o /dev/null - >/dev/null 2>&1
}

# --- Debian packages ------------------------------------------------------------------------------------------------

missing_packages() { # of those named
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
    done
}

as_root=()
may_install() {
    has apt-get || return 1
    if [ "$(id -u)" -eq 0 ]; then
        as_root=()
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        return 1
    fi
}

apt_install() { # quiet unless it fails
    local log status=0
    log=$(mktemp)
    say "installing Debian packages: $*"
    {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"
    } >"$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

install_system_packages() { # demo|stream|spark|test
    local replaceable="" needed="" python version="" clang_version

    find_compiler >/dev/null || {
        [ -z "${CXX:-}" ] || [[ $CXX == g++ || $CXX == clang++ ]] ||
            die "CXX=$CXX is not a compiler that serves: g++ 12 or clang++ 14 or later is needed"
        needed+="${CXX:-g++} "
    }
    [ "${CXX:-}" != clang++ ] || needed=${needed/clang++/clang}
    if python=$(find_python); then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        "$python" -c 'import ensurepip, venv' 2>/dev/null || needed+="python$version-venv "
        "$python" -c 'import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())' || needed+="python$version-dev "
    else
        [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON is not Python 3.11 or later"
        needed+="python3 python3-venv python3-dev "
    fi
    # What apt does not give, CMake downloads (Eigen, fmt, nlohmann_json, Catch2) or the tests do without (fuzzing, a
    # broker); the streams say what they lack when they need it, as not every way to run them needs everything.
    if has apt-get; then
        replaceable=$(missing_packages libeigen3-dev libfmt-dev nlohmann-json3-dev)
        if [ "$1" != demo ]; then
            has java || replaceable+="default-jre-headless "
            has mvn || replaceable+="maven "
            replaceable+=$(missing_packages pkg-config librdkafka-dev libcpp-httplib-dev)
        fi
        if [ "$1" = test ]; then
            replaceable+=$(missing_packages catch2)
            fuzzer_serves || replaceable+=$(missing_packages clang)
        fi
    fi

    # shellcheck disable=SC2086 # lists of words
    if [ -n "$needed$replaceable" ]; then
        if may_install; then
            apt_install $needed $replaceable ||
                [ -z "$needed" ] || die "these are needed: sudo apt-get install $needed"
            if [ "$1" = test ] && ! fuzzer_serves && has clang++; then
                clang_version=$(clang++ -dumpversion)
                apt_install "libclang-rt-${clang_version%%.*}-dev" || true
            fi
        elif [ -n "$needed" ]; then
            die "these are needed: sudo apt-get install ${needed% }"
        else
            say "not installed, so downloaded or done without; to have them: sudo apt-get install ${replaceable% }"
        fi
    fi
    find_compiler >/dev/null || die "g++ 12 or clang++ 14 or later is needed: sudo apt-get install g++-12, then CXX=g++-12"
    find_python >/dev/null || die "Python 3.11 or later is needed; PYTHON=/path/to/python3.11 names one"
}

# --- .venv ----------------------------------------------------------------------------------------------------------

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

make_venv() {
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        local python
        python=$(find_python)
        say "making $venv with $("$python" --version)"
        rm -rf "$venv"
        "$python" -m venv "$venv"
    fi
}

install_build_tools() {
    local wanted=() version
    version=$(PATH=$outside_path cmake --version 2>/dev/null | sed -n 's/^cmake version //p' || true)
    if [ "$(printf '3.25\n%s\n' "${version:-0}" | sort -V | head -1)" != 3.25 ]; then
        wanted+=(cmake)
    fi
    PATH=$outside_path has ninja || wanted+=(ninja)
    mapfile -t wanted < <("$venv/bin/python" - "${wanted[@]}" <<'PYTHON'
import pathlib, sys, tomllib
requires = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["build-system"]["requires"]
print(*requires, *sys.argv[1:], sep="\n")
PYTHON
    )
    say "installing the build tools into $venv: ${wanted[*]}"
    pip install "${wanted[@]}"
}

digest() { # of every file under the paths named
    find "$@" -type f ! -name '*.pyc' -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

prepare() { # demo|stream|spark|test
    local stamp=$venv/.prepared-$1 key
    key="$(digest setup.sh pyproject.toml) ${PYTHON:-} ${CXX:-}"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && "$venv/bin/python" -c '' 2>/dev/null; then
        return
    fi
    install_system_packages "$1"
    make_venv
    install_build_tools
    printf '%s\n' "$key" >"$stamp"
    [ "$1" != test ] || printf '%s\n' "$key" | tee "$venv/.prepared-stream" >"$venv/.prepared-spark"
    [ "$1" = demo ] || printf '%s\n' "$key" >"$venv/.prepared-demo"
}

build_package() {
    local wheel
    say "building and installing the Python package into $venv (minutes the first time)"
    # As a user gets it: a wheel, and that from a source distribution. The build tools are in .venv already, and the
    # build folder and the times of the sources are kept, so that only what changed is compiled.
    rm -rf build/wheel "$venv"/.installed-*
    "$venv/bin/python" - >/dev/null <<'PYTHON'
from scikit_build_core.build import build_sdist
build_sdist("build/wheel", {"sdist.reproducible": "false"})
PYTHON
    tar -xzf build/wheel/margincore-*.tar.gz -C build/wheel
    PATH="$PWD/$venv/bin:$PATH" pip wheel --no-build-isolation --no-deps --wheel-dir build/wheel \
        --config-settings="build-dir=$PWD/build/python/{wheel_tag}" build/wheel/margincore-*/
    wheel=$(echo "$PWD"/build/wheel/*.whl)
    pip install --force-reinstall --no-deps "$wheel" # of this version another may be there
}

install_package() { # demo|stream|spark|test
    local stamp=$venv/.installed-$1 key
    key=$(digest CMakeLists.txt pyproject.toml setup.sh LICENSE README.md include python)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && [ -x "$venv/bin/margincore" ] &&
        compgen -G 'build/wheel/*.whl' >/dev/null; then
        return
    fi
    if ! grep -qsxF "$key" "$venv"/.installed-* || ! compgen -G 'build/wheel/*.whl' >/dev/null; then
        build_package
    fi
    say "installing what ${1} needs into $venv"
    pip install "$(echo "$PWD"/build/wheel/*.whl)[$1]"
    printf '%s\n' "$key" >"$stamp"
    [ "$1" != test ] || printf '%s\n' "$key" | tee "$venv/.installed-demo" >"$venv/.installed-stream"
}

case "${1:-} ${2:-}" in
"demo " | "stream " | "spark " | "test ") prepare "$1" ;;
"install demo" | "install stream" | "install spark" | "install test")
    prepare "$2"
    install_package "$2"
    ;;
*) die "usage: ./setup.sh [install] demo | stream | spark | test" ;;
esac
