using EdgeAssist.AlertRelay.Measures.Statistics;
using EdgeAssist.AlertRelay.Measures.Store;

namespace EdgeAssist.AlertRelay.Measures.Reports;

/// <summary>One measure's units, by team, day and hour, and how many could not be counted.</summary>
internal sealed class MeasureTally
{
    private readonly Dictionary<(int Team, int Day, int Hour), (long Count, double Sum)> _cells = [];
    private readonly Dictionary<(int Team, int Day), long> _missing = [];
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);

    public IEnumerable<Cell> Cells => _cells
        .OrderBy(cell => cell.Key.Day).ThenBy(cell => cell.Key.Team).ThenBy(cell => cell.Key.Hour)
        .Select(cell => new Cell(cell.Key.Team, cell.Key.Day, cell.Key.Hour, cell.Value.Count, cell.Value.Sum));

    /// <summary>Why units are missing, and how many.</summary>
    public IReadOnlyDictionary<string, long> Reasons => _reasons;

    public void Add((int Team, int Day, int Hour) place, double value)
    {
        var cell = _cells.GetValueOrDefault(place);
        _cells[place] = (cell.Count + 1, cell.Sum + value);
    }

    /// <summary>Raises the value of a unit that was added already.</summary>
    public void Raise((int Team, int Day, int Hour) place, double value)
    {
        var cell = _cells[place];
        _cells[place] = (cell.Count, cell.Sum + value);
    }

    public void Miss(int team, int day, string reason)
    {
        _missing[(team, day)] = _missing.GetValueOrDefault((team, day)) + 1;
        _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Share of the population that was counted, over some teams and days; NaN without a population.</summary>
    public double Coverage(Func<int, int, bool> isIn)
    {
        var counted = _cells.Where(cell => isIn(cell.Key.Team, cell.Key.Day)).Sum(cell => cell.Value.Count);
        var missing = _missing.Where(each => isIn(each.Key.Team, each.Key.Day)).Sum(each => each.Value);
        return counted + missing == 0 ? double.NaN : (double)counted / (counted + missing);
    }
}

/// <summary>One cycle for the curves.</summary>
/// <param name="Team">Index.</param>
/// <param name="Day">Local day on which it began.</param>
/// <param name="Seconds">To the calm, or to the end of the call.</param>
/// <param name="Calmed">It ended in calm.</param>
internal readonly record struct Cycle(int Team, int Day, float Seconds, bool Calmed);

/// <summary>A labelled call of a random sample of calls without an alert.</summary>
internal readonly record struct LabelledCall(int Team, int Day, bool Escalated, double Chance);

/// <summary>Where rows that were handed in and refused are counted, over all imports.</summary>
internal sealed record ImportCounts(int Files, long Rows, long Imported, IReadOnlyDictionary<string, long> Refused)
{
    public static ImportCounts None { get; } = new(0, 0, 0, new Dictionary<string, long>(StringComparer.Ordinal));
}

/// <summary>Everything a report rests on, summed up: what is in here decides every byte of it.</summary>
internal sealed record MeasureFrame
{
    /// <summary>First local day, days since 1970-01-01.</summary>
    public required int From { get; init; }

    /// <summary>The local day behind the last.</summary>
    public required int To { get; init; }

    public required string Zone { get; init; }

    /// <summary>By index; in ordinal order.</summary>
    public required IReadOnlyList<string> Teams { get; init; }

    /// <summary>Calls by team and day and mode.</summary>
    public required IReadOnlyDictionary<(int Team, int Day), (long Observe, long Assist)> DayModes { get; init; }

    public required IReadOnlyDictionary<MeasureId, MeasureTally> Tallies { get; init; }

    public required IReadOnlyList<Cycle> Cycles { get; init; }

    public IReadOnlyList<LabelledCall> Labels { get; init; } = [];

    /// <summary>Supervisors' minutes by team and day.</summary>
    public IReadOnlyDictionary<(int Team, int Day), double> Presence { get; init; } = new Dictionary<(int, int), double>();

    public ImportCounts Imports { get; init; } = ImportCounts.None;

    public long Calls { get; init; }

    public long LostCalls { get; init; }

    /// <summary>Calls whose mode changed while they lasted; in no measure.</summary>
    public long ChangedCalls { get; init; }

    /// <summary>Records that the journal had forgotten before they could be measured.</summary>
    public long SkippedRecords { get; init; }

    /// <summary>Ends of the satisfaction scale; null when nothing was imported.</summary>
    public (double Lowest, double Highest)? Scale { get; init; }
}

/// <summary>Sums rows up. Calls come in the order of their start.</summary>
internal sealed class FrameBuilder
{
    private const long DayMilliseconds = 86_400_000, HourMilliseconds = 3_600_000;

    private readonly int _from;
    private readonly int _to;
    private readonly long _dataEnd;
    private readonly TimeZoneInfo _zone;
    private readonly IReadOnlyList<string> _teams;
    private readonly Dictionary<(int Team, int Day), (long Observe, long Assist)> _dayModes = [];
    private readonly SortedDictionary<MeasureId, MeasureTally> _tallies = [];
    private readonly List<Cycle> _cycles = [];
    private readonly List<LabelledCall> _labels = [];
    private readonly Dictionary<(int Team, int Day), double> _presence = [];
    private readonly Dictionary<long, LastCall> _lastCalls = [];
    private long _calls, _lost, _changed, _offsetHour = long.MinValue, _offset;

    /// <param name="from">First local day.</param>
    /// <param name="to">The local day behind the last.</param>
    /// <param name="zone">The site's.</param>
    /// <param name="teams">Names in ordinal order.</param>
    /// <param name="dataEnd">Milliseconds of Unix time up to which calls are known: who ends within 7 days of it cannot be judged for rework.</param>
    public FrameBuilder(int from, int to, TimeZoneInfo zone, IReadOnlyList<string> teams, long dataEnd)
    {
        (_from, _to, _zone, _teams, _dataEnd) = (from, to, zone, teams, dataEnd);
        foreach (var measure in MeasureCatalog.All) _tallies[measure.Id] = new MeasureTally();
    }

    /// <summary>A call that started in the days of the frame, or behind them (then only as a repeat).</summary>
    public void AddCall(int team, long started, long ended, bool lost, long? customer, Mode mode, bool modeChanged, bool scored, int transfers, int alerts, bool isRepeatOnly = false)
    {
        if (customer is { } who) Repeat(who, started);
        var place = Place(team, started);
        if (isRepeatOnly || place.Day < _from || place.Day >= _to) return;

        _calls++;
        if (lost) _lost++;
        if (modeChanged)
        {
            _changed++;
            return;
        }

        var modes = _dayModes.GetValueOrDefault((team, place.Day));
        _dayModes[(team, place.Day)] = mode == Mode.Observe ? (modes.Observe + 1, modes.Assist) : (modes.Observe, modes.Assist + 1);
        _tallies[MeasureId.Transfers].Add(place, transfers);
        if (scored) _tallies[MeasureId.EscalatingCalls].Add(place, alerts > 0 ? 1 : 0);
        else _tallies[MeasureId.EscalatingCalls].Miss(team, place.Day, "no score");
        AddRework(place, ended, customer);
    }

    /// <summary>An alert or a would-be alert of a call that ended.</summary>
    public void AddAlert(int team, Mode mode, long opened, long callEnded, bool lost, bool modeChanged, long? acted, long? calmed, Verdict verdict, bool shown, bool suppressed)
    {
        var place = Place(team, opened);
        if (place.Day < _from || place.Day >= _to || modeChanged) return;

        AddCycle(place, opened, callEnded, lost, calmed);
        if (mode == Mode.Observe) return;   // shown to nobody: no help, no load

        if (verdict != Verdict.None) _tallies[MeasureId.FalseAlerts].Add(place, verdict == Verdict.Wrong ? 1 : 0);
        else _tallies[MeasureId.FalseAlerts].Miss(team, place.Day, "not judged");
        if (suppressed)
        {
            _tallies[MeasureId.TimeToHelp].Miss(team, place.Day, "kept quiet");
            _tallies[MeasureId.UnseenAlerts].Miss(team, place.Day, "kept quiet");
            return;
        }

        _tallies[MeasureId.TimeToHelp].Add(place, acted is { } at ? Capped(at - opened) : MeasureCatalog.Cap.TotalSeconds);
        _tallies[MeasureId.UnseenAlerts].Add(place, shown || acted is not null ? 0 : 1);
        _tallies[MeasureId.AlertsPerSupervisorHour].Add(place, 1);
    }

    /// <summary>A customer's answer; without one the call is counted as not answered.</summary>
    public void AddAnswer(int team, long started, bool modeChanged, double? score)
    {
        var place = Place(team, started);
        if (place.Day < _from || place.Day >= _to || modeChanged) return;
        if (score is { } points) _tallies[MeasureId.Satisfaction].Add(place, points);
        else _tallies[MeasureId.Satisfaction].Miss(team, place.Day, "no answer");
    }

    public void AddLabel(int team, long started, bool escalated, double chance)
    {
        var place = Place(team, started);
        if (place.Day >= _from && place.Day < _to) _labels.Add(new LabelledCall(team, place.Day, escalated, chance));
    }

    public void AddPresence(int team, long hour, double minutes)
    {
        var place = Place(team, hour * HourMilliseconds);
        if (place.Day < _from || place.Day >= _to) return;
        _presence[(team, place.Day)] = _presence.GetValueOrDefault((team, place.Day)) + minutes;
    }

    public MeasureFrame Build(ImportCounts imports, long skippedRecords, (double Lowest, double Highest)? scale) => new()
    {
        From = _from,
        To = _to,
        Zone = _zone.Id,
        Teams = _teams,
        DayModes = _dayModes,
        Tallies = _tallies,
        Cycles = [.. _cycles.OrderBy(cycle => cycle.Day).ThenBy(cycle => cycle.Team).ThenBy(cycle => cycle.Seconds).ThenBy(cycle => cycle.Calmed)],
        Labels = [.. _labels.OrderBy(label => label.Day).ThenBy(label => label.Team).ThenBy(label => label.Chance).ThenBy(label => label.Escalated)],
        Presence = _presence,
        Imports = imports,
        Calls = _calls,
        LostCalls = _lost,
        ChangedCalls = _changed,
        SkippedRecords = skippedRecords,
        Scale = scale,
    };

    private void AddCycle((int Team, int Day, int Hour) place, long opened, long callEnded, bool lost, long? calmed)
    {
        if (calmed is null && lost)
        {
            _tallies[MeasureId.CycleTime].Miss(place.Team, place.Day, "analysis was lost before the end");
            _tallies[MeasureId.UnresolvedCycles].Miss(place.Team, place.Day, "analysis was lost before the end");
            return;
        }

        _tallies[MeasureId.CycleTime].Add(place, calmed is { } at ? Capped(at - opened) : MeasureCatalog.Cap.TotalSeconds);
        _tallies[MeasureId.UnresolvedCycles].Add(place, calmed is null ? 1 : 0);
        _cycles.Add(new Cycle(place.Team, place.Day, Math.Max(0, (calmed ?? callEnded) - opened) / 1000f, calmed is not null));
    }

    private void AddRework((int Team, int Day, int Hour) place, long ended, long? customer)
    {
        var tally = _tallies[MeasureId.Rework];
        if (customer is not { } who) tally.Miss(place.Team, place.Day, "customer not known");
        else if (ended + (long)MeasureCatalog.ReworkWithin.TotalMilliseconds > _dataEnd) tally.Miss(place.Team, place.Day, "less than 7 days before the end of the data");
        else
        {
            tally.Add(place, 0);
            _lastCalls[who] = new LastCall(place, ended);
        }
    }

    // The call before this one turns out to be followed by another.
    private void Repeat(long customer, long started)
    {
        if (!_lastCalls.Remove(customer, out var last)) return;

        // Before its end it is the same conversation, as transfers show it.
        var later = started - last.Ended;
        if (later >= 0 && later <= (long)MeasureCatalog.ReworkWithin.TotalMilliseconds) _tallies[MeasureId.Rework].Raise(last.Place, 1);
    }

    private (int Team, int Day, int Hour) Place(int team, long milliseconds)
    {
        var hour = Math.DivRem(milliseconds, HourMilliseconds, out _);
        if (hour != _offsetHour) (_offsetHour, _offset) = (hour, (long)_zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).TotalMilliseconds);
        var local = milliseconds + _offset;
        return (team, (int)(local / DayMilliseconds), (int)(local % DayMilliseconds / HourMilliseconds));
    }

    private static double Capped(long milliseconds) => Math.Clamp(milliseconds / 1000.0, 0, MeasureCatalog.Cap.TotalSeconds);

    private readonly record struct LastCall((int Team, int Day, int Hour) Place, long Ended);
}
