using EdgeAssist.AlertRelay.Baseline;

namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>What the journal's calls tell, summed up as they come.</summary>
internal sealed class ObservedFacts
{
    private const int MostConfidences = 1_000_000;
    private static readonly string[] Decoded = ["PCMU", "PCMA", "G722", "L16", "OPUS"];
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, int> _codecs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _teams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _bySipCallId = new(StringComparer.Ordinal);
    private readonly List<string> _oneWay = [];
    private readonly List<double> _loss = [];
    private readonly List<double> _confidences = [];
    private readonly List<(DateTimeOffset At, int Change)> _load = [];
    private readonly HashSet<string> _degraded = new(StringComparer.Ordinal);
    private int _calls, _separated, _roles, _withCustomer, _matched, _scored, _escalated, _consentKnown, _refused;
    private DateTimeOffset _first = DateTimeOffset.MaxValue, _last = DateTimeOffset.MinValue;

    public void Add(ObservedCall call)
    {
        _calls++;
        var info = call.Info;
        var roles = info.Legs.Select(leg => leg.Role).ToList();
        if (info.Legs.Count >= 2 && !roles.Contains(V1.PartyRole.Mixed)) _separated++;
        if (roles.Contains(V1.PartyRole.Customer) && roles.Contains(V1.PartyRole.Agent)) _roles++;
        foreach (var leg in info.Legs) Count(_codecs, leg.Codec.Length > 0 ? leg.Codec.ToUpperInvariant() : "(none)");
        Count(_teams, info.Team);
        if (info.CorrelationIds.TryGetValue("sip-call-id", out var sipCallId)) Count(_bySipCallId, sipCallId);
        if (info.Customer.Length > 0)
        {
            _withCustomer++;
            if (info.History is not null) _matched++;
        }

        if (info.CorrelationIds.TryGetValue("consent", out var consent) && consent.Length > 0)
        {
            _consentKnown++;
            if (consent is "refused" or "no" or "false" or "0") _refused++;
        }

        if (call.Duration >= LongEnough && info.Legs.Count >= 2)
        {
            var speaking = call.Finals.Select(final => final.Leg).Distinct().Count();
            if (speaking < 2 && call.Finals.Count > 0) _oneWay.Add(info.CallId);
        }

        foreach (var final in call.Finals)
        {
            _loss.Add(final.LostShare);
            if (_confidences.Count < MostConfidences) _confidences.Add(final.Confidence);
        }

        if (call.Scores.Count > 0)
        {
            _scored++;
            if (call.Alerts.Count > 0) _escalated++;
        }

        if (info.Rung > V1.Rung.Full || call.Gaps.Any(gap => gap.Cause is "overload" or "reader_behind")) _degraded.Add(info.CallId);
        _load.Add((call.StartedAt, 1));
        _load.Add((call.EndedAt, -1));
        if (call.StartedAt < _first) _first = call.StartedAt;
        if (call.EndedAt > _last) _last = call.EndedAt;
    }

    /// <param name="source">For people.</param>
    /// <param name="dataDirectory">Where the journal is; its disk is measured.</param>
    /// <param name="historyAge">Age of the newest record of customers' history; null when that is not known.</param>
    /// <param name="answered">Calls with an answer, and answers without a call; null when none were imported.</param>
    public ReadinessFacts Build(string source, string dataDirectory, TimeSpan? historyAge, (int Answered, int Unknown)? answered)
    {
        var days = _calls == 0 ? 1 : Math.Max(1, (_last - _first).TotalDays);
        return new ReadinessFacts
        {
            Source = source,
            Calls = _calls,
            Separated = _calls == 0 ? null : _separated,
            RolesKnown = _calls == 0 ? null : _roles,
            Codecs = _codecs,
            Undecodable = [.. _codecs.Keys.Where(codec => !Decoded.Contains(codec) && codec != "(none)").Order(StringComparer.Ordinal)],
            OneWay = _calls == 0 ? null : _oneWay,
            LossShares = _loss.Count == 0 ? null : _loss,
            Confidences = _confidences.Count == 0 ? null : _confidences,
            History = (_withCustomer, _matched),
            HistoryAge = historyAge,
            Duplicates = _bySipCallId.Count == 0 ? null : [.. _bySipCallId.Where(id => id.Value > 1).Select(id => id.Key).Order(StringComparer.Ordinal)],
            Satisfaction = answered,
            Consent = _consentKnown == 0 ? null : (_consentKnown, _refused),
            Clock = ClockReading.Now(),
            Storage = StorageReading.Of(dataDirectory),
            Capacity = Capacity(),
            Teams = _calls == 0 ? null : [.. _teams.Select(team => new TeamVolume(team.Key, team.Value, days))],
            EscalationShare = _scored == 0 ? null : (double)_escalated / _scored,
        };
    }

    // What was carried without giving way is a lower bound; it is not what could be carried.
    private CapacityReading? Capacity()
    {
        if (_calls == 0) return null;
        var (now, most) = (0, 0);
        foreach (var (_, change) in _load.OrderBy(each => each.At).ThenBy(each => each.Change))
        {
            now += change;
            most = Math.Max(most, now);
        }

        return _degraded.Count == 0
            ? new CapacityReading(most, "the most that came together so far, all of them in full", IsLowerBound: true)
            : new CapacityReading(most, $"the most that came together so far, {_degraded.Count} of {_calls} calls not in full");
    }

    private static void Count(Dictionary<string, int> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;
}
