import { messageOf, type ParamValue, type Problem } from '@modelops/contracts';
import jsep, { type Expression } from 'jsep';
import { exp, ln } from './exp-ln.ts';
import { unknownName } from './parameter-space.ts';

/** Whether a condition holds for values, given in the order of the names. */
export type Condition = (values: readonly ParamValue[]) => boolean;

type Evaluate = (values: readonly ParamValue[]) => ParamValue;

jsep.addBinaryOp('and', 2);
jsep.addBinaryOp('or', 1);
jsep.addUnaryOp('not');
jsep.removeBinaryOp('**');

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  exp,
  log: ln,
  max: Math.max,
  min: Math.min,
  sqrt: Math.sqrt,
};
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};
const COMPARISONS: Readonly<Record<string, (a: ParamValue, b: ParamValue) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '===': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '!==': (a, b) => a !== b,
};

/**
 * Parses a condition such as `beta > gamma and mode == "a"`. The text is interpreted, never run as code. It may contain numbers, strings,
 * true, false, the parameters, arithmetic, comparisons, `and or not && || !` and abs, exp, log, max, min, sqrt. Adds a problem for anything else.
 */
export function parseCondition(text: string, names: readonly string[], path: string, problems: Problem[]): Condition | undefined {
  try {
    const evaluate = compile(jsep(text), names);
    return (values) => evaluate(values) === true;
  } catch (error) {
    problems.push({ path, message: `invalid condition "${text}": ${messageOf(error)}` });
    return undefined;
  }
}

function compile(expression: Expression, names: readonly string[]): Evaluate {
  const node = expression as jsep.CoreExpression; // jsep has no plug-in here that adds kinds
  switch (node.type) {
    case 'Literal': {
      const { value } = node;
      if (value === null || value instanceof RegExp) throw new Error(`${String(value)} is not a value of a parameter`);
      return () => value;
    }
    case 'Identifier':
      return parameter(node.name, names);
    case 'UnaryExpression': {
      const { operator, argument } = node;
      const inner = compile(argument, names);
      if (operator === '-') return (values) => -(inner(values) as number);
      if (operator === '!' || operator === 'not') return (values) => inner(values) !== true;
      throw new Error(`${operator} is not an operator of conditions`);
    }
    case 'BinaryExpression':
      return binary(node, names);
    case 'CallExpression': {
      const { callee, arguments: args } = node;
      const name = callee.type === 'Identifier' ? String(callee.name) : '';
      if (!Object.hasOwn(FUNCTIONS, name)) throw new Error(`unknown function; use ${Object.keys(FUNCTIONS).join(', ')}`);
      const inner = args.map((arg) => compile(arg, names));
      return (values) => FUNCTIONS[name]!(...inner.map((one) => one(values) as number));
    }
    default:
      throw new Error('expected comparisons of parameters, numbers and strings');
  }
}

function binary({ operator, left, right }: jsep.BinaryExpression, names: readonly string[]): Evaluate {
  const [a, b] = [compile(left, names), compile(right, names)];
  if (operator === 'and' || operator === '&&') return (values) => a(values) === true && b(values) === true;
  if (operator === 'or' || operator === '||') return (values) => a(values) === true || b(values) === true;
  const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (compare !== undefined) return (values) => compare(a(values), b(values));
  const arithmetic = Object.hasOwn(ARITHMETIC, operator) ? ARITHMETIC[operator] : undefined;
  if (arithmetic === undefined) throw new Error(`${operator} is not an operator of conditions`);
  return (values) => arithmetic(a(values) as number, b(values) as number);
}

function parameter(name: string, names: readonly string[]): Evaluate {
  const at = names.indexOf(name);
  if (at >= 0) return (values) => values[at]!;
  throw new Error(unknownName('parameter', name, names));
}
