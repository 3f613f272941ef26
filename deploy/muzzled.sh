# shellcheck shell=bash
# Sourced. `muzzled COMMAND…` runs a command that says what comes from outside, titles and servers' answers, and ends
# with its exit code: GitHub must not take any of that for workflow commands.
muzzled() {
  local muzzle result=0
  muzzle=$(cat /proc/sys/kernel/random/uuid)
  echo "::stop-commands::$muzzle"
  "$@" 2>&1 || result=$?
  echo "::$muzzle::"
  return "$result"
}
