#!/bin/sh
# Puts the package n8n-nodes-crmcom-aurea where n8n looks for community packages, then starts n8n.
# It needs no network, changes nothing else in the folder, and may run in many processes at once.
#
#   N8N_NODES_TARBALL     the packed package    (/opt/n8n-nodes/n8n-nodes-crmcom-aurea.tgz)
#   N8N_USER_FOLDER       n8n's user folder     ($HOME)
#   N8N_NODES_ENTRYPOINT  what is started then  (/docker-entrypoint.sh, that of n8n's image)
set -eu

name=n8n-nodes-crmcom-aurea
tarball=${N8N_NODES_TARBALL:-/opt/n8n-nodes/$name.tgz}
modules=${N8N_USER_FOLDER:-$HOME}/.n8n/nodes/node_modules
target=$modules/$name

fail() {
	echo "$name: $1" >&2
	exit 1
}

checksum_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

is_installed() {
	[ "$(cat "$target/.tarball-sha256" 2>/dev/null)" = "$checksum" ]
}

[ -r "$tarball" ] || fail "there is no package at $tarball. Mount the tarball there, or set N8N_NODES_TARBALL"
checksum=$(checksum_of "$tarball")

if ! is_installed; then
	mkdir -p "$modules" 2>/dev/null && [ -w "$modules" ] ||
		fail "$modules is not writable for user $(id -u). Give the volume to that user, or mount it below n8n's home as a whole"
	# Unpacked beside its place, and renamed into it: no process ever sees half a package.
	new=$(mktemp -d "$modules/.$name-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	trap 'exit 143' INT TERM
	tar -xzf "$tarball" -C "$new" || fail "$tarball is not a packed package"
	[ -f "$new/package/package.json" ] || fail "$tarball is not a packed package"
	echo "$checksum" >"$new/package/.tarball-sha256"
	# Of several processes one wins each step; the others find its work and are done.
	rounds=0
	until is_installed; do
		rounds=$((rounds + 1))
		[ "$rounds" -le 100 ] || fail "$target cannot be replaced: it is mounted, or belongs to another user"
		mv -T "$new/package" "$target" 2>/dev/null && break
		mv -T "$target" "$new/old" 2>/dev/null && rm -rf "$new/old" || true
	done
	rm -rf "$new"
	trap - EXIT INT TERM
	echo "$name: installed from $tarball"
fi

exec "${N8N_NODES_ENTRYPOINT:-/docker-entrypoint.sh}" "$@"
