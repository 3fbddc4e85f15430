#!/bin/sh
# Builds the worker's image; --push uploads it to a registry or saves it as an archive.
#   build.sh [--base IMAGE] [--python [IMAGE]] [--tag NAME] [--push DESTINATION]
# --python: the variant that runs Python models, on an image with Python (docker.io/library/python:3.13-slim).
# IMAGE: in buildah's form (docker.io/library/node:24-slim, oci-archive:FILE). DESTINATION: docker://HOST/NAME:TAG, oci-archive:FILE:NAME.
# MODELOPS_IMAGE_STORE: a folder for buildah's images, in place of the user's; MODELOPS_TLS_VERIFY=false pushes over plain HTTP.
# Needs buildah, no daemon and no privileges beyond its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
base=docker.io/library/node:24-slim tag=localhost/modelops-worker:latest push= target=worker python=docker.io/library/python:3.13-slim
while [ $# -gt 0 ]; do
  case $1 in
    --base) base=$2 ;;
    --python)
      target=worker-python
      case ${2:---} in
        --*) shift; continue ;;
      esac
      python=$2 ;;
    --tag) tag=$2 ;;
    --push) push=$2 ;;
    *) echo "build.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
node "$here/bundle.mjs" "$context/program"
cp "$here/package-type.json" "$context/package.json"

# vfs and chroot work where overlay mounts and user namespaces do not.
store=${MODELOPS_IMAGE_STORE:-}
buildah() { command buildah --storage-driver vfs ${store:+--root "$store/root" --runroot "$store/run"} "$@"; }
loaded() { # loaded IMAGE: prints the name to use in a Dockerfile; reads an archive first
  case $1 in
    oci-archive:* | docker-archive:*) buildah pull --quiet "$1" ;;
    *) echo "$1" ;;
  esac
}
base=$(loaded "$base")
[ $target = worker ] || python=$(loaded "$python")
buildah bud --isolation chroot --quiet --target "$target" --build-arg "BASE=$base" --build-arg "PYTHON=$python" --tag "$tag" --file "$here/Dockerfile" "$context" >&2
[ -z "$push" ] || buildah push --quiet --tls-verify="${MODELOPS_TLS_VERIFY:-true}" "$tag" "$push" >&2
echo "$tag"
