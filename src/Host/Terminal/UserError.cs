namespace EdgeAssist.Host.Terminal;

/// <summary>
/// Something the person at the terminal can mend. The message is one or two sentences: what is wrong, where, and how to
/// mend it. Printed without a stack trace; the process exits with <see cref="ExitCode"/>.
/// </summary>
internal sealed class UserError : Exception
{
    public UserError(string message, int exitCode = 2) : base(message) => ExitCode = exitCode;

    public UserError(string message, Exception inner) : base(message, inner) => ExitCode = 2;

    public int ExitCode { get; }
}
