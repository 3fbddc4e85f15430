import { commandModel } from '../../testing/command-models.ts';
import { BEHAVIOURS, describeModelHost } from '../../testing/describe-model-host.ts';

const YAML = `models:
  M:
    command: sh run.sh {{ what }} {{ size }} {{ seed }}
    parameters:
      what: { kind: choice, values: ${JSON.stringify(BEHAVIOURS)} }
      size: { kind: int, min: 0, max: 1099511627776 }
    outputs: { out: { file: out.csv, columns: { value: float, text: text } } }
`;

const SCRIPT = `size=$2 seed=$3
row() { printf 'value,text\\n%s,%s\\n' "$1" "$2" > out.csv; }
fill() { head -c "$size" /dev/zero | tr '\\0' x; }
case $1 in
  normal) awk -v size="$size" -v seed="$seed" 'BEGIN { printf "value,text\\n%.17g,x\\n", size + seed / 7 > "out.csv" }' ;;
  payload) { printf 'value,text\\n0,'; fill; echo; } > out.csv ;;
  prints) fill; fill >&2; row 0 x ;;
  forks) setsid sleep 1000 </dev/null >/dev/null 2>&1 & row 0 $! ;;
  hangs) while :; do :; done ;;
  segfaults) kill -SEGV $$ ;;
  allocates) fill | tail ;;
  exits) exit 0 ;;
  nan) row NaN x ;;
  ragged) printf 'value,text\\n1,x\\n2\\n' > out.csv ;;
  types) row one x ;;
  nothing) : > out.csv ;;
esac
`;

describeModelHost('a command model', {
  open: (options) => commandModel({ yaml: YAML, files: { 'run.sh': SCRIPT } }, options),
  exits: { kind: 'exception', type: 'MissingOutput', endsHost: false },
  messages: {
    ragged: 'out.csv, line 3: expected 2 cells as in the header, got 1',
    types: 'out.csv, line 2, column value: expected a number, got "one"',
    nothing: 'out.csv has no column value, text; it is empty',
  },
});
