#!/usr/bin/env bash
# One night on a machine that keeps nothing: run in a fresh clone, commit output/, push, notify. nightly.yml calls it.
#
#   NIGHT_DATE             the list's day; today if empty
#   NIGHT_LAYOUTS          layouts, separated by spaces
#   NIGHT_PAUSE            seconds before a push is tried again
#   PIPELINE_NOTIFY__URLS  who is told of days that are new; nobody if empty
#
# Ends with the exit code of `pipeline run`, but for 3, which is 0 here: the job summary names what is not printed; after
# that with the code of `pipeline notify`. Whatever the code, what there is has been pushed; 1 means that it could not be.
set -euo pipefail

cd "$(dirname "$0")/.."
. deploy/muzzled.sh
export PIPELINE_OUTPUT_DIR=output
export GIT_AUTHOR_NAME='github-actions[bot]' GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"
branch=$(git symbolic-ref --short HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Leaves the account in night.json, all that was said in night.log, and the exit code in $code.
run_night() {
  local layout
  set -- --json
  if [ -n "${NIGHT_DATE:-}" ]; then set -- "$@" --date="$NIGHT_DATE"; fi
  for layout in ${NIGHT_LAYOUTS:-sections}; do set -- "$@" --layout="$layout"; done
  code=0
  muzzled logged "$@" || code=$?
}

# shellcheck disable=SC2329 # `muzzled` calls it
logged() {
  # shellcheck disable=SC2069 # standard error goes into the pipe, standard output into the file
  pipeline run "$@" 2>&1 >"$work/night.json" | tee "$work/night.log"
}

# GitHub ends a schedule after 60 days without activity. A commit is one, and needs no further permission; switching the
# workflow on again through the API is said to count as well, but needs one, and nothing documents that it does.
commit() {
  local idle
  idle=$((($(date +%s) - $(git log -1 --format=%ct)) / 86400))
  if [ -n "$(git status --porcelain -- output)" ]; then
    git add --all -- output
    git commit --quiet --message "Digests of the night of ${NIGHT_DATE:-$(date --utc +%F)}"
  elif [ "$idle" -ge 50 ]; then
    git commit --quiet --allow-empty --message "Keep the schedule: nothing was committed for $idle days"
  fi
}

# Sets $pushed to yes, or to no where others changed the digests meanwhile. The night has then to be run again upon
# theirs: whether a paper is printed depends on all digests, so merging lines cannot settle it. What was paid for is in
# the ledger. Other changes are simply put underneath: this commit touches output/ alone.
push() {
  local try
  pushed=yes
  for try in 1 2 3 4 5; do
    if [ "$(git rev-parse HEAD)" = "$base" ] || git push --quiet origin "HEAD:refs/heads/$branch"; then return; fi
    echo "Push $try failed."
    sleep $((try * ${NIGHT_PAUSE:-10}))
    if ! git fetch --quiet origin "$branch"; then continue; fi
    if ! git diff --quiet "$base" FETCH_HEAD -- output; then
      pushed=no
      git reset --quiet --keep FETCH_HEAD
      return
    fi
    git rebase --quiet --onto FETCH_HEAD "$base"
    base=$(git rev-parse FETCH_HEAD)
  done
  echo "::error::The digests could not be pushed. Run the workflow again; nothing of this night is kept."
  exit 1
}

# Leaves the exit code in $told. No ledger that lasts knows what was sent: so that nothing comes twice, a day is told of
# by the night whose commit has the first digest of it, in whatever layout, and never again.
tell() {
  local day
  told=0
  if [ -z "${PIPELINE_NOTIFY__URLS:-}" ]; then return; fi
  for day in $(comm -13 <(days "$base") <(days HEAD)); do
    muzzled pipeline notify --date "$day" || told=$?
  done
}

# The days that a commit has digests of.
days() {
  git ls-tree -r --name-only "$1" -- output | sed -nE 's|^output/[a-z]+/(.{4})/(..)/(..)\.md$|\1-\2-\3|p' | sort -u
}

for night in 1 2 3; do
  base=$(git rev-parse HEAD)
  pipeline status --rebuild
  run_night
  commit
  push
  if [ "$pushed" = yes ]; then break; fi
  echo "Others changed the digests: night $night is run again upon theirs."
done
python deploy/summary.py "$code" "$work/night.json" "$work/night.log" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
if [ "$pushed" = no ]; then
  echo "::error::Others changed the digests each time that this night was run. Run the workflow again."
  exit 1
fi
tell
case $code in
  0 | 3) exit "$told" ;;
  *) exit "$code" ;;
esac
