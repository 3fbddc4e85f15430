/** A failure of a command model's task: recorded with this type and message, without a traceback of the host. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly type: 'CommandNotFound' | 'ExitStatus' | 'Signal' | 'MissingOutput' | 'InvalidOutput';
  constructor(type: CommandFailure['type'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }
}
