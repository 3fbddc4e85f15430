#!/bin/sh
# A parameter sweep in a pipeline: designs the study, says what it costs, runs it, exports what came of it.
# Runs in the project's folder, where the model is registered, with cb and mops on the PATH. docs/ci.md says how it ends.
set -eu

samples=${SAMPLES:-64}
replicates=${REPLICATES:-20}
seconds=${TIMEOUT:-3600}
sweep=${SWEEP:-manual}
out=${OUT:-out}
pause=${RETRY_AFTER:-30}

# Tries a command three times while a service cannot be reached (6): asking again computes nothing twice.
patiently() {
  for try in 1 2 3; do
    status=0
    "$@" || status=$?
    if [ "$status" -ne 6 ] || [ "$try" -eq 3 ]; then return "$status"; fi
    echo "try $try: a service cannot be reached; again in $pause s" >&2
    sleep "$pause"
  done
}

mkdir -p "$out"
cb sampling sobol models/seir.ts:StochasticSEIR --n-samples "$samples" --n-replicates "$replicates" --seed 1 \
  --targets targets/prevalence.ts:prevalence --output "$out/study.json" --force

# For the pipeline's log. What cannot run is refused here, with every problem named.
patiently mops jobs submit "$out/study.json" --plan

status=0
patiently mops jobs submit "$out/study.json" --wait --timeout "$seconds" --label "sweep=$sweep" --json > "$out/job.json" || status=$?
# Without a document nothing was submitted; why is on stderr.
[ -s "$out/job.json" ] || exit "$status"
job=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).job' "$out/job.json")

case $status in
  0) ;;
  10) mops jobs failures "$job" >&2 ;;
  11) mops jobs failures "$job" >&2; exit 11 ;;
  13) echo "$job goes on after $seconds s; run the pipeline again to wait for the rest of it" >&2; exit 13 ;;
  *) exit "$status" ;;
esac

# Of a partial job too: what succeeded is there to be looked at.
mops results losses "$job" --json > "$out/losses.json"
mops results export "$job" --output "$out/outputs" --force
mops results best "$job"
exit "$status"
