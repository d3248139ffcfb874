using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>One log entry: what a reader of the console sees, and the values a structured log would store beside it.</summary>
internal sealed record LogLine(string Category, int Event, LogLevel Level, string Text, IReadOnlyList<KeyValuePair<string, object?>> Parts)
{
    /// <summary>Everything of the entry that could end up in a file.</summary>
    public string Everything => string.Join(' ', [Category, Text, .. Parts.Select(part => $"{part.Key}={part.Value}")]);

    public long Number(string part) => Convert.ToInt64(Parts.Single(pair => pair.Key == part).Value, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Keeps every log entry of an appliance. Loggers of many threads meet in its queue.</summary>
internal sealed class LogKeeper : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    public IEnumerable<LogLine> Of(int eventId) => Lines.Where(line => line.Event == eventId);

    public ILogger CreateLogger(string categoryName) => new Keeper(_lines, categoryName);

    public void Dispose()
    {
        // Nothing is held but lines, which are read after the appliance is gone.
    }

    private sealed class Keeper(ConcurrentQueue<LogLine> lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
            lines.Enqueue(new LogLine(category, eventId.Id, logLevel, text, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
        }
    }
}
