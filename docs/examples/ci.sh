#!/bin/sh
# A parameter sweep in a pipeline: designs the study, prints an estimate of its cost, runs it and exports the results.
# Run it in the project's folder, where the model is registered, with cb and mops on the PATH. docs/ci.md lists its exit statuses.
set -eu

samples=${SAMPLES:-64}
replicates=${REPLICATES:-20}
seconds=${TIMEOUT:-3600}
sweep=${SWEEP:-manual}
out=${OUT:-out}
pause=${RETRY_AFTER:-30}

# Runs a command up to three times while a service is unreachable (6). Repeating it computes nothing twice.
retry() {
  for try in 1 2 3; do
    status=0
    "$@" || status=$?
    if [ "$status" -ne 6 ] || [ "$try" -eq 3 ]; then return "$status"; fi
    echo "try $try: a service is unreachable; next try in $pause s" >&2
    sleep "$pause"
  done
}

mkdir -p "$out"
cb sampling sobol models/seir.ts:StochasticSEIR --n-samples "$samples" --n-replicates "$replicates" --seed 1 \
  --targets targets/prevalence.ts:prevalence --output "$out/study.json" --force

# For the pipeline's log. A study that cannot run is refused here, with all problems listed.
retry mops jobs submit "$out/study.json" --plan

status=0
retry mops jobs submit "$out/study.json" --wait --timeout "$seconds" --label "sweep=$sweep" --json > "$out/job.json" || status=$?
# If the document is empty, nothing was submitted, and stderr has the reason.
[ -s "$out/job.json" ] || exit "$status"
job=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).job' "$out/job.json")

case $status in
  0) ;;
  10) mops jobs failures "$job" >&2 ;;
  11) mops jobs failures "$job" >&2; exit 11 ;;
  13) echo "$job is still running after $seconds s; run the pipeline again to wait for it" >&2; exit 13 ;;
  *) exit "$status" ;;
esac

# A partial job has losses and outputs of the tasks that succeeded.
mops results losses "$job" --json > "$out/losses.json"
# It also exits with 10 if tasks have no result.
mops results export "$job" --output "$out/outputs" --force || [ $? -eq 10 ]
mops results best "$job"
exit "$status"
