#!/bin/sh
# Installs the third-party programs that tests judge ours with (servers for our clients, a client
# for our server), in pinned versions, and prints the exports that tell the tests where they are:
#
#   eval "$(tests/tools/install.sh /tmp/callboard-tools)"
#
# Needs node with npm and python3 with venv. Running it again is quick and harmless.
set -eu

dir=${1:?"usage: install.sh DIR"}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

npm install --prefix "$dir" --no-audit --no-fund --silent \
  @copilotkit/aimock@1.43.0 @anthropic-ai/claude-code@2.1.329 \
  @openai/codex@0.169.0 opencode-ai@1.18.33 \
  mermaid@11.17.2 jsdom@24.1.3 @viz-js/viz@3.31.0 \
  @modelcontextprotocol/server-everything@2026.8.31 >&2
# Beside what they import.
cp "$(dirname "$0")"/mermaid.mjs "$(dirname "$0")"/graphviz.mjs "$dir/"

[ -x "$dir/venv/bin/pip" ] || python3 -m venv "$dir/venv" >&2
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check llmock==0.2.2 kosoku==0.1.0 \
  faiss-cpu==1.15.1 numpy==2.4.6 >&2

echo "export CALLBOARD_TEST_AIMOCK='$dir/node_modules/@copilotkit/aimock/dist/cli.js'"
# The programs themselves, as they were installed for this machine.
program() {
  [ ! -x "$2" ] || echo "export $1='$2'"
}
program CALLBOARD_TEST_CLAUDE "$(ls "$dir"/node_modules/@anthropic-ai/claude-code-*/claude 2>/dev/null | head -n 1)"
program CALLBOARD_TEST_CODEX "$(ls "$dir"/node_modules/@openai/codex-*/vendor/*/bin/codex 2>/dev/null | head -n 1)"
program CALLBOARD_TEST_OPENCODE "$(ls "$dir"/node_modules/opencode-*/bin/opencode 2>/dev/null | grep -v baseline | head -n 1)"
echo "export CALLBOARD_TEST_MERMAID='$dir/mermaid.mjs'"
echo "export CALLBOARD_TEST_GRAPHVIZ='$dir/graphviz.mjs'"
echo "export CALLBOARD_TEST_MCP_EVERYTHING='$dir/node_modules/@modelcontextprotocol/server-everything/dist/index.js'"
echo "export CALLBOARD_TEST_LLMOCK='$dir/venv/bin/llmock'"
echo "export CALLBOARD_TEST_KOSOKU='$dir/venv/bin/kosoku'"
echo "export CALLBOARD_TEST_FAISS_PYTHON='$dir/venv/bin/python'"
