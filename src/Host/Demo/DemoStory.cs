using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>
/// Everything seen so far: the calls as a client sees them, the alerts as a second process printed them. Three threads
/// meet here (the stream's reader, the second process's reader, the screen); one lock covers them.
/// </summary>
internal sealed class DemoStory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CallView> _byCallId = [];
    private readonly Dictionary<string, CallView> _expected = [];
    private readonly List<string> _secondProcess = [];
    private readonly List<Alert> _alerts = [];
    private readonly List<string> _prompts = [];
    private readonly Dictionary<string, Latency> _alertLatency = [];

    /// <summary>What the second process is, for its heading.</summary>
    public string SecondProcess { get; set; } = "";

    public List<CallView> Calls { get; } = [];

    /// <summary>Expects a call; it is recognised by its agent.</summary>
    public CallView Expect(string agent, string key, string title)
    {
        lock (_gate)
        {
            var view = new CallView(key, title);
            _expected[agent] = view;
            Calls.Add(view);
            return view;
        }
    }

    public void Apply(CallEvent callEvent)
    {
        lock (_gate)
        {
            if (callEvent.KindCase == CallEvent.KindOneofCase.Started && _expected.TryGetValue(callEvent.Started.Agent, out var started))
                _byCallId[callEvent.CallId] = started;

            if (_byCallId.TryGetValue(callEvent.CallId, out var view)) view.Apply(callEvent);
        }
    }

    /// <summary>One alert event as the second process printed it.</summary>
    public void Heard(string line, AlertEvent? alertEvent)
    {
        lock (_gate)
        {
            _secondProcess.Add(line);
            if (alertEvent is null) return;
            _alerts.RemoveAll(alert => alert.AlertId == alertEvent.Alert.AlertId);
            _alerts.Add(alertEvent.Alert);
            if (alertEvent.Change is AlertChange.Opened && alertEvent.Latency is { } latency) _alertLatency[alertEvent.Alert.AlertId] = latency;
        }
    }

    /// <summary>What came to an agent's desktop, as lines.</summary>
    public void Prompted(string lines)
    {
        lock (_gate) _prompts.AddRange(lines.Split(Environment.NewLine));
    }

    /// <summary>Lines from an agent's desktop behind the first <paramref name="seen"/>.</summary>
    public IReadOnlyList<string> PromptLines(int seen = 0)
    {
        lock (_gate) return [.. _prompts.Skip(seen)];
    }

    /// <summary>The alerts of a call, with the hops of their opening as the second process received it.</summary>
    public IReadOnlyList<(Alert Alert, Latency? Latency)> AlertsOf(CallView view)
    {
        lock (_gate)
        {
            var callId = _byCallId.FirstOrDefault(pair => pair.Value == view).Key;
            return [.. _alerts.Where(alert => alert.CallId == callId).Select(alert => (alert, _alertLatency.GetValueOrDefault(alert.AlertId)))];
        }
    }

    /// <summary>Reads under the lock.</summary>
    public T Read<T>(Func<IReadOnlyList<CallView>, IReadOnlyList<string>, T> reader)
    {
        lock (_gate) return reader(Calls, _secondProcess);
    }

    /// <summary>The call's key for a line about an alert, or the call id when it is none of ours.</summary>
    public string KeyOf(string callId)
    {
        lock (_gate) return _byCallId.TryGetValue(callId, out var view) ? view.Key : callId;
    }
}
