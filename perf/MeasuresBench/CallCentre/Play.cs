using System.Globalization;
using System.Text;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Internal.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EdgeAssist.MeasuresBench.CallCentre;

/// <summary>
/// Plays a world into a relay through the doors everybody uses: calls and scores over the workers' link, switches over
/// Policies, help and judgements over Alerts, answers as a CSV file over Measures.
/// </summary>
internal sealed class Play(Site site, WorldSettings settings)
{
    private readonly V1.Alerts.AlertsClient _alerts = new(site.Invoker);
    private readonly V1.Policies.PoliciesClient _policies = new(site.Invoker);
    private readonly Metadata _supervisor = site.As("sue", PrincipalRole.Supervisor, "*");
    private readonly Metadata _admin = site.As("root", PrincipalRole.Admin);
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _requests;

    /// <summary>Alerts that a supervisor found, and acted on or not.</summary>
    public int AlertsFound { get; private set; }

    /// <summary>Events that were handed in.</summary>
    public long Events { get; private set; }

    public async Task RunAsync(IReadOnlyList<PlannedCall> calls, CancellationToken cancellationToken)
    {
        await SetAsync("*", V1.PolicyMode.Observe, cancellationToken);
        using var link = new Link(site.Invoker, site.As("worker", PrincipalRole.Internal), cancellationToken);
        var change = settings.FirstDay.AddDays(settings.ChangeDay);
        var hasChanged = false;
        foreach (var step in calls.SelectMany(Steps).OrderBy(step => step.At).ThenBy(step => step.Order).ThenBy(step => step.Call.Id, StringComparer.Ordinal))
        {
            if (!hasChanged && step.At >= change)
            {
                hasChanged = true;
                await link.SettleAsync();
                site.Time.StepTo(change);
                foreach (var team in settings.Treated) await SetAsync(team, V1.PolicyMode.Assist, cancellationToken);
            }

            if (step.Event is { } said)
            {
                await link.SendAsync(said);
                Events++;
                continue;
            }

            // Somebody acts: everything up to then has happened, and it is that late.
            await link.SettleAsync();
            site.Time.StepTo(step.At);
            await ActAsync(step, cancellationToken);
        }

        await link.SettleAsync();
        site.Time.StepTo(settings.FirstDay.AddDays(settings.Days));
    }

    /// <summary>The answers as a survey tool would export them, with rows that cannot be used among them.</summary>
    public static byte[] SatisfactionFile(IReadOnlyList<PlannedCall> calls)
    {
        var answered = calls.Where(call => call.Satisfaction is not null).ToArray();
        var text = new StringBuilder("call_id,score,answered_at\n");
        foreach (var call in answered)
            text.Append(CultureInfo.InvariantCulture, $"{call.Id},{call.Satisfaction},{call.Start.AddSeconds(call.Length).AddMinutes(5):yyyy-MM-dd'T'HH:mm:ss'Z'}\n");
        text.Append("00000000000000000000000000000bad,5,2026-02-01T10:00:00Z\n");                                                                           // no such call
        text.Append(CultureInfo.InvariantCulture, $"{answered[0].Id},{answered[0].Satisfaction},\n");                                                        // twice
        text.Append(CultureInfo.InvariantCulture, $"{calls.First(call => call.Satisfaction is null).Id},,\n");                                               // no answer
        text.Append(CultureInfo.InvariantCulture, $"{calls.Last(call => call.Satisfaction is null).Id},4,1999-12-31T23:59:59Z\n");                            // before the call
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private async Task ActAsync(Step step, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(step.Call.Id, out var alert)) alert = _known[step.Call.Id] = await FindAsync(step.Call.Id, cancellationToken);
        var request = new V1.AlertActionRequest { AlertId = alert, RequestId = FormattableString.Invariant($"r{++_requests}"), Reason = "simulated" };
        switch (step.Act)
        {
            case Act.Show:
                AlertsFound++;
                await _alerts.MarkShownAsync(new V1.MarkShownRequest { AlertIds = { alert } }, _supervisor, cancellationToken: cancellationToken);
                break;
            case Act.Claim:
                await _alerts.ClaimAsync(request, _supervisor, cancellationToken: cancellationToken);
                break;
            case Act.Dismiss:
                await _alerts.DismissAsync(request, _supervisor, cancellationToken: cancellationToken);
                break;
            default:
                await _alerts.ResolveAsync(request, _supervisor, cancellationToken: cancellationToken);
                break;
        }
    }

    private async Task<string> FindAsync(string call, CancellationToken cancellationToken)
    {
        var found = await _alerts.ListAsync(new V1.ListAlertsRequest { Filter = new V1.AlertFilter { CallIds = { call } }, PageSize = 1 }, _supervisor, cancellationToken: cancellationToken);
        return found.Alerts.Count > 0 ? found.Alerts[0].AlertId : throw new InvalidOperationException($"The supervisor does not find the alert of call {call}, which is assisted.");
    }

    private async Task SetAsync(string team, V1.PolicyMode mode, CancellationToken cancellationToken) => await _policies.SetAsync(
        new V1.SetPolicyRequest { Team = team, Mode = mode, Reason = "simulated roll-out", RequestId = FormattableString.Invariant($"p{++_requests}") }, _admin, cancellationToken: cancellationToken);

    private static IEnumerable<Step> Steps(PlannedCall call)
    {
        yield return Say(call, 0, new V1.CallEvent { Started = Info(call, call.Agent) });
        yield return Score(call, 5, V1.Level.Calm, 0.05);
        if (call.TransferAt is { } transfer) yield return Say(call, transfer, new V1.CallEvent { Updated = Info(call, call.Agent + "-2") });
        if (call.EscalatesAt is { } bad) yield return Score(call, bad, V1.Level.Escalated, 0.8);
        if (call.CalmsAt is { } calm)
        {
            yield return Score(call, calm, V1.Level.Calm, 0.1);
            yield return Score(call, calm + 31, V1.Level.Calm, 0.08);
        }

        yield return Say(call, call.Length, new V1.CallEvent { Ended = new V1.Call { CallId = call.Id, EndReason = "hangup" } });
        if (call is { Shown: true, EscalatesAt: { } shown }) yield return new Step(call, At(call, shown + 1), null, Act.Show);
        if (call.ClaimedAt is { } claimed) yield return new Step(call, At(call, claimed), null, Act.Claim);
        if (call.EndedByPersonAt is { } ended) yield return new Step(call, At(call, ended), null, call.Dismissed ? Act.Dismiss : Act.Resolve);
    }

    private static Step Score(PlannedCall call, double at, V1.Level level, double risk)
    {
        var score = new V1.Score { Risk = risk, Level = level, At = Duration.FromTimeSpan(TimeSpan.FromSeconds(at)) };
        if (level > V1.Level.Calm) score.Reasons.Add(new V1.Reason { Cue = "asks_for_manager", Weight = 2, At = score.At, Role = V1.PartyRole.Customer });
        return Say(call, at, new V1.CallEvent { Score = new V1.ScoreUpdate { Score = score } });
    }

    private static Step Say(PlannedCall call, double at, V1.CallEvent said)
    {
        said.CallId = call.Id;
        said.EventTime = Timestamp.FromDateTimeOffset(At(call, at));
        return new Step(call, At(call, at), said, Act.None);
    }

    private static DateTimeOffset At(PlannedCall call, double seconds) => call.Start + TimeSpan.FromSeconds(seconds);

    private static V1.Call Info(PlannedCall call, string agent) => new() { CallId = call.Id, Source = "siprec", Trunk = "sim", Team = call.Team, Agent = agent, Customer = call.Customer };

    private enum Act
    {
        None,
        Show,
        Claim,
        Resolve,
        Dismiss,
    }

    private sealed record Step(PlannedCall Call, DateTimeOffset At, V1.CallEvent? Event, Act Act)
    {
        // At the same moment words come before hands.
        public int Order => (int)Act;
    }

    /// <summary>The workers' link: many events under way, receipts counted.</summary>
    private sealed class Link : IDisposable
    {
        private readonly AsyncDuplexStreamingCall<PublishRequest, PublishReceipt> _stream;
        private readonly Task _receipts;
        private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _sent, _taken;

        public Link(CallInvoker invoker, Metadata headers, CancellationToken cancellationToken)
        {
            _stream = new CallScores.CallScoresClient(invoker).Publish(headers, cancellationToken: cancellationToken);
            _receipts = ReadAsync(cancellationToken);
        }

        public Task SendAsync(V1.CallEvent said) => _stream.RequestStream.WriteAsync(new PublishRequest { Sequence = ++_sent, Event = said });

        /// <summary>Completes when everything that was sent is durable.</summary>
        public async Task SettleAsync()
        {
            while (Interlocked.Read(ref _taken) < _sent)
            {
                var moved = Volatile.Read(ref _moved);
                if (Interlocked.Read(ref _taken) >= _sent) return;
                await Task.WhenAny(moved.Task, _receipts);
                if (_receipts.IsCompleted) await _receipts;
            }
        }

        public void Dispose() => _stream.Dispose();

        private async Task ReadAsync(CancellationToken cancellationToken)
        {
            while (await _stream.ResponseStream.MoveNext(cancellationToken))
            {
                Interlocked.Exchange(ref _taken, _stream.ResponseStream.Current.Sequence);
                Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }

            throw new InvalidOperationException("The relay ended the link.");
        }
    }
}
