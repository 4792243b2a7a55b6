#!/bin/sh
# `make clients`: the TypeScript client as a package, tried in a folder of its own.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
mkdir -p dist
cd clients/typescript
echo "building the TypeScript client"
npm ci --silent --no-audit --no-fund
npm run --silent build
package=$(npm pack --silent --pack-destination "$root/dist")
echo "trying dist/$package"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "$root/dist/$package"
node --input-type=module -e '
import { init, VERSION } from "hiveloop";
const hive = init({ disabled: true });
hive.agent("tried").task("t", {}, (task) => task.track("step", () => 1));
await hive.shutdown();
console.log(`hiveloop ${VERSION} works`);
'
