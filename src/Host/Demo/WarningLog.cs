using System.Collections.Concurrent;

namespace EdgeAssist.Host.Demo;

/// <summary>Keeps the log's warnings until the screen is free for them.</summary>
internal sealed class WarningLog : ILoggerProvider
{
    private const int Kept = 100;
    private readonly ConcurrentQueue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => new Keeper(this, categoryName);

    public void WriteTo(TextWriter output)
    {
        while (_lines.TryDequeue(out var line)) output.WriteLine(line);
    }

    public void Dispose()
    {
        // Nothing is held but lines.
    }

    private sealed class Keeper(WarningLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            log._lines.Enqueue($"{logLevel.ToString().ToLowerInvariant()}: {category}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}");
            while (log._lines.Count > Kept) log._lines.TryDequeue(out _);
        }
    }
}
