#!/bin/sh
# Upgrades a graph with curl and jq, and waits for the job. It is short, and judged as it is:
# docs/clients.md has the verdicts.
set -eu
graph=$GESCONFORM_ENDPOINT/v2/$GESCONFORM_PROJECT_ID/graphs/$GESCONFORM_GRAPH_ID
wanted="{\"upgrade_version\": \"$GESCONFORM_UPGRADE_VERSION\"${GESCONFORM_FORCE_UPGRADE:+, \"force_upgrade\": $GESCONFORM_FORCE_UPGRADE}}"
call() { curl -sS --fail-with-body -H "X-Auth-Token: $GESCONFORM_TOKEN" "$@"; }

answer=$(call --json "$wanted" "$graph/upgrade") || { echo "$answer" >&2; exit 1; }
job=$(printf %s "$answer" | jq -er '.job_id | strings | @uri')
[ -n "$job" ] # jq 1.6 says nothing of an empty body
while sleep 0.1; do # a real upgrade takes minutes
	answer=$(call "$graph/jobs/$job/status") || { echo "$answer" >&2; exit 1; }
	case $(printf %s "$answer" | jq -r .status) in
	success) exit 0 ;;
	pending | running) ;;
	*) echo "$answer" >&2; exit 1 ;;
	esac
done
