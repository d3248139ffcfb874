using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;

namespace EdgeAssist.AlertRelay.State;

/// <summary>
/// The alerts of a replayed call, by the rules live calls have, on the recording's clock: no journal, no subscribers. The
/// same events give the same alerts, byte for byte.
/// </summary>
/// <param name="start">Where the events' clock stood at the wall-clock time the recording began.</param>
public sealed class AlertReplay(ClockAnchor start)
{
    private const string Epoch = "replay";

    private readonly AlertPolicy _policy = new();
    private RelayState _state = new() { Epoch = Epoch, Offset = 0 };

    /// <summary>Takes what analysis says; gives the changes of alerts that follow, each as a line of JSON.</summary>
    /// <exception cref="ArgumentException">The event belongs to a call that was not started.</exception>
    public IReadOnlyList<string> Accept(CallEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);

        var now = new ClockAnchor(happened.At, start.ToWall(happened.At));
        var step = new RelayStep(_state, _policy, now);
        step.Tick();
        var answer = step.Accept(happened.ToWire(now));
        if (answer.Verdict != StepVerdict.Accepted) throw new ArgumentException(answer.Why, nameof(happened));

        _state = step.State;
        return [.. step.Events.Where(e => e.Alert is not null).Select(e => Line(e.Alert!))];
    }

    /// <summary>An event as a line of JSON.</summary>
    public string Line(CallEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return Line(happened.ToWire(new ClockAnchor(happened.At, start.ToWall(happened.At))));
    }

    private static string Line(IMessage message) => JsonFormatter.Default.Format(message);
}
