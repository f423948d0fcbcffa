#!/bin/sh
# What action.yml and the GitLab template have in common.
#
#   ci.sh install DIR   downloads the release GESCONFORM_VERSION for this machine and unpacks the command into DIR,
#                       if its SHA-256 matches the release's SHA256SUMS
#   ci.sh run [FLAG…]   runs `gesconform run`, found in PATH, but never against the fake server in its own process
#
# GESCONFORM_RELEASES is the base URL of the releases, if not GitHub: URL/vVERSION/FILE. The exit status is that of `run`,
# or 2 if nothing could be judged.
set -eu

fail() {
	printf 'gesconform: %s\n' "$1" >&2
	exit 2
}

# platform sets os and arch as releases spell them.
platform() {
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	MINGW* | MSYS* | CYGWIN*) os=windows ;;
	*) fail "there is no release for $(uname -s); build the command with go install" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) fail "there is no release for $(uname -s) on $(uname -m); build the command with go install" ;;
	esac
	if [ "$os" = windows ]; then arch=amd64; fi # also runs on Windows on ARM
}

# fetch FILE downloads a file of the release into $folder.
fetch() {
	curl -fsSL --proto =http,https --proto-redir =https --retry 3 --max-time 300 -o "$folder/$1" "$base/$1" ||
		fail "could not get $base/$1"
}

# digest FILE prints a file's SHA-256. macOS has no sha256sum.
digest() {
	if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# verify FILE fails unless FILE in $folder has the digest that SHA256SUMS gives.
verify() {
	want=$(awk -v name="$1" '$2 == name { print $1 }' "$folder/SHA256SUMS")
	if [ -z "$want" ]; then fail "$base/SHA256SUMS does not name $1"; fi
	got=$(digest "$folder/$1")
	if [ "$got" != "$want" ]; then fail "$1: expected SHA-256 $want, got $got; nothing is installed"; fi
}

install() {
	version=${GESCONFORM_VERSION-}
	version=${version#v}
	case $version in
	'' | *[!0-9A-Za-z.+-]*) fail "expected a version such as 0.1.0 in GESCONFORM_VERSION, got \"$version\"" ;;
	esac
	releases=${GESCONFORM_RELEASES:-https://github.com/gesconform/gesconform/releases/download}
	case $releases in
	https://* | http://127.0.0.1[:/]* | http://localhost[:/]*) ;;
	*) fail "expected an https:// address in GESCONFORM_RELEASES, got \"$releases\"" ;;
	esac
	base=$releases/v$version
	platform
	archive=gesconform_${version}_${os}_$arch
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	if [ "$os" = windows ]; then archive=$archive.zip file=gesconform.exe; else archive=$archive.tar.gz file=gesconform; fi
	fetch SHA256SUMS
	fetch "$archive"
	verify "$archive"
	if [ "$os" = windows ]; then
		unzip -q "$folder/$archive" "$file" -d "$folder"
	else
		tar -xzf "$folder/$archive" -C "$folder" "$file"
	fi
	mkdir -p "$1"
	mv "$folder/$file" "$1/$file"
	if [ -n "${GITHUB_PATH-}" ]; then printf '%s\n' "$1" >>"$GITHUB_PATH"; fi
	printf 'gesconform %s for %s/%s is in %s; its SHA-256 is as in SHA256SUMS\n' "$version" "$os" "$arch" "$1"
}

# inputs turns the inputs from action.yml into the command's variables. If an input is empty, the job's own variable of that
# name is kept.
inputs() {
	for name in ENDPOINT REGION TARGETS PROJECT_ID GRAPH_ID TOKEN ACCESS_KEY SECRET_KEY SECURITY_TOKEN OUTPUT; do
		eval "value=\${INPUT_$name-}"
		if [ -n "$value" ]; then export "GESCONFORM_$name=$value"; fi
		unset "INPUT_$name"
	done
}

# named reports whether the environment or a flag names a deployment.
named() {
	if [ -n "${GESCONFORM_ENDPOINT-}${GESCONFORM_REGION-}${GESCONFORM_TARGETS-}" ]; then return 0; fi
	for flag; do
		case $flag in --endpoint | --endpoint=* | --region | --region=* | --targets | --targets=*) return 0 ;; esac
	done
	return 1
}

# reportFolder sets folder to the one that the flags or the environment name.
reportFolder() {
	folder=${GESCONFORM_OUTPUT-} previous=
	for flag; do
		case $previous in --output) folder=$flag ;; esac
		case $flag in --output=*) folder=${flag#--output=} ;; esac
		previous=$flag
	done
}

# partial reports whether the results in a folder say that not all was decided.
partial() { grep -qs '^  "partial": true' "$1/results.json" "$1/matrix.json"; }

# judge runs the command and sets status, folder and verdict. Only line feeds separate the flags in INPUT_ARGS.
judge() {
	if [ -n "${INPUT_RISK-}" ]; then set -- "$@" "--risk=$INPUT_RISK"; fi
	if [ -n "${GITHUB_ACTIONS-}" ]; then set -- "$@" --github; fi
	lines=${INPUT_ARGS-}
	while [ -n "$lines" ]; do
		line=${lines%%"$newline"*}
		lines=${lines#"$line"}
		lines=${lines#"$newline"}
		if [ -n "$line" ]; then set -- "$@" "$line"; fi
	done
	unset INPUT_RISK INPUT_ARGS GESCONFORM_VERSION GESCONFORM_RELEASES # they are no flags of the command
	reportFolder "$@"
	results=$folder
	if [ -z "$results" ]; then # only the results say whether the verdict is partial
		results=$(mktemp -d)
		trap 'rm -rf "$results"' EXIT
		set -- "$@" "--output=$results"
	fi
	if named "$@"; then
		gesconform run "$@" || status=$?
	else
		echo 'gesconform: name the deployment with an endpoint, a region or a targets file' >&2
		status=2
	fi
	case $status in
	0) if partial "$results"; then verdict=partial; else verdict=conforms; fi ;;
	1) verdict=deviates ;;
	130) verdict=interrupted ;;
	*) verdict=not-judged ;;
	esac
}

run() {
	newline='
'
	status=0
	inputs
	judge "$@"
	if [ -n "${GITHUB_OUTPUT-}" ]; then
		printf 'exit-status=%s\nverdict=%s\nreport=%s\n' "$status" "$verdict" "$folder" >>"$GITHUB_OUTPUT"
	fi
	printf 'verdict: %s (exit status %s); report: %s\n' "$verdict" "$status" "${folder:-none}"
	exit "$status"
}

case ${1-} in
install)
	if [ -z "${2-}" ]; then fail 'install: expected a folder to install into, got none'; fi
	install "$2"
	;;
run)
	shift
	run "$@"
	;;
*) fail "expected install or run, got \"${1-}\"" ;;
esac
