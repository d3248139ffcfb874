using System.Globalization;
using EdgeAssist.AlertRelay.Measures.Statistics;
using static EdgeAssist.AlertRelay.Readiness.ReadinessVerdict;

namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>
/// Each finding held against what the product and its measures need. Thresholds stand with their reason; the README lists them.
/// </summary>
internal static class ReadinessChecks
{
    // Recognition and roles: below that, more than a few calls a hundred are scored wrongly or not at all.
    private const double GoodShare = 0.98, UsableShare = 0.8;

    // G.711 has about 38 dB of signal to quantisation noise; speech below −40 dBFS leaves few bits of it.
    private const double TooQuietDbfs = -40, TooLoudDbfs = -6, NoisySnrDb = 15;

    // One flat top in a thousand samples is heard as distortion.
    private const double ClippedShare = 0.001;

    // Loss that concealment hides well, and loss above which words go missing.
    private const double SmallLoss = 0.01, LargeLoss = 0.05;

    // A mean token probability under it goes with every third word wrong or worse in the recogniser's own measurements.
    private const double LowConfidence = 0.6;

    private const double GoodWordErrors = 0.15, UsableWordErrors = 0.3;
    private static readonly TimeSpan FreshHistory = TimeSpan.FromDays(1), UsableHistory = TimeSpan.FromDays(7);
    private static readonly TimeSpan SmallOffset = TimeSpan.FromMilliseconds(100), FastSync = TimeSpan.FromMilliseconds(10), UsableSync = TimeSpan.FromMilliseconds(100);

    // Calls come in days; two of a day are more alike than two of different days. Halves the worth of a call.
    private const double DesignEffect = 2;

    public static IEnumerable<ReadinessItem> All(ReadinessFacts facts, ReadinessPlan plan)
    {
        yield return Calls(facts);
        if (facts.Unreadable.Count > 0) yield return new ReadinessItem("files", Warn, $"{facts.Unreadable.Count} files cannot be read: {Few(facts.Unreadable)}", "Convert them to WAV (16-bit linear, A-law or µ-law), or leave them out.");
        yield return Share("channels", facts.Separated, facts.Calls, "calls have each party on a stream of its own",
            "Record both directions apart: SIPREC with one media line a participant, or stereo files. On one stream nobody can say whose words they are.");
        yield return Share("roles", facts.RolesKnown, facts.Calls, "calls say who is the customer and who the agent",
            "Add Roles, Labels or Positions to the trunk (README, «Point an SBC at it»), or name files NAME_customer.wav and NAME_agent.wav.");
        yield return Codecs(facts);
        foreach (var item in Audio(facts)) yield return item;
        yield return Loss(facts);
        yield return Recognition(facts);
        if (facts.WordErrors is { } errors) yield return WordErrors(errors);
        yield return History(facts);
        yield return Duplicates(facts);
        yield return Satisfaction(facts);
        yield return Consent(facts);
        yield return Clock(facts.Clock);
        yield return Storage(facts.Storage, plan);
        yield return Capacity(facts.Capacity, plan);
        yield return Volume(facts, plan);
    }

    /// <summary>
    /// The smallest difference of two shares that is found in four of five cases at the level of 5 %, with as many calls before
    /// as after (normal approximation).
    /// </summary>
    /// <param name="share">Before.</param>
    /// <param name="calls">Each side, after the design effect.</param>
    public static double MinimumDetectable(double share, double calls) => calls <= 0
        ? double.PositiveInfinity
        : (Distributions.NormalQuantile(0.975) + Distributions.NormalQuantile(0.8)) * Math.Sqrt(2 * share * (1 - share) / calls);

    private static ReadinessItem Calls(ReadinessFacts facts) => facts.Calls switch
    {
        0 => new("calls", Fail, "there is no call to look at", "Point a trunk or the SBC's recording at the appliance (README), or name a folder that holds recordings."),
        < 20 => new("calls", Warn, $"{facts.Calls} {(facts.Calls == 1 ? "call" : "calls")}: every share below rests on few", "Look again when there are 20 and more."),
        _ => new("calls", Pass, $"{facts.Calls} calls"),
    };

    private static ReadinessItem Share(string id, int? some, int all, string what, string fix)
    {
        if (some is not { } known || all == 0) return NotKnown(id, $"{what}: not known", fix);
        var share = (double)known / all;
        var finding = $"{Count(known, all)} {what}";
        return share >= GoodShare ? new(id, Pass, finding) : new(id, share >= UsableShare ? Warn : Fail, finding, fix);
    }

    private static ReadinessItem Codecs(ReadinessFacts facts)
    {
        if (facts.Codecs.Count == 0) return NotKnown("codecs", "codecs: not known", "Nothing carried one: look again when calls came in.");
        var list = string.Join(", ", facts.Codecs.OrderByDescending(codec => codec.Value).ThenBy(codec => codec.Key, StringComparer.Ordinal).Select(codec => $"{codec.Key} {codec.Value}"));
        return facts.Undecodable.Count == 0
            ? new("codecs", Pass, list)
            : new("codecs", Fail, $"{list}; not decoded: {string.Join(", ", facts.Undecodable)}", "Let the SBC send PCMU, PCMA, G.722 or L16 on the recorded copy (Opus with libopus installed).");
    }

    private static IEnumerable<ReadinessItem> Audio(ReadinessFacts facts)
    {
        if (facts.Audio is not { Count: > 0 } audio)
        {
            yield return NotKnown("level", "level, noise and clipping: not known, as audio is not kept", "Run edgeassist readiness --folder with a few recordings of these calls.");
        }
        else
        {
            var heard = audio.Where(party => !party.IsSilent).ToList();
            var levels = heard.Select(party => party.SpeechDbfs).Order().ToArray();
            var (quiet, loud) = (heard.Where(party => party.SpeechDbfs < TooQuietDbfs).ToList(), heard.Where(party => party.SpeechDbfs > TooLoudDbfs).ToList());
            yield return Many("level", audio.Count, quiet.Count + loud.Count, levels.Length == 0 ? "nobody is heard" : $"speech at {Db(levels[0])} to {Db(levels[^1])} of full scale, median {Db(levels[levels.Length / 2])}",
                [.. quiet.Concat(loud).Select(party => $"{party.Name} {Db(party.SpeechDbfs)}")], "Set the gain so that speech peaks at about −12 dB of full scale; near −40 dB few bits are left of G.711.");

            var clipped = heard.Where(party => party.ClippedShare > ClippedShare).ToList();
            yield return Many("clipping", audio.Count, clipped.Count, $"{clipped.Count} of {audio.Count} parties with more than {Percent(ClippedShare)} of samples at the end of the scale",
                [.. clipped.Select(party => $"{party.Name} {Percent(party.ClippedShare)}")], "Lower the gain before the codec: what is cut off there is gone.");

            var noisy = heard.Where(party => party.SpeechDbfs - party.NoiseDbfs < NoisySnrDb).ToList();
            yield return Many("noise", audio.Count, noisy.Count, $"{noisy.Count} of {audio.Count} parties with less than {NoisySnrDb} dB between speech and background",
                [.. noisy.Select(party => $"{party.Name} {Db(party.SpeechDbfs - party.NoiseDbfs)}")], "Headsets that cancel noise on the agents' side; on the customers' side expect more word errors.");
        }

        if (facts.OneWay is not { } oneWay) yield return NotKnown("one-way audio", "one-way audio: not known", "Look again when calls came in.");
        else yield return Many("one-way audio", Math.Max(1, facts.Calls), oneWay.Count, $"{Count(oneWay.Count, facts.Calls)} calls in which one party is never heard", oneWay, "Look at NAT and firewall between SBC and appliance, and at the fork's second media line.");
    }

    private static ReadinessItem Loss(ReadinessFacts facts)
    {
        if (facts.LossShares is not { Count: > 0 } shares) return NotKnown("loss", "packet loss: not known", "Recordings carry none; look again when calls came in over the network.");
        var sorted = shares.Order().ToArray();
        var (mean, p95) = (shares.Average(), sorted[(int)((sorted.Length - 1) * 0.95)]);
        var finding = $"{Percent(mean)} of audio lost on the way in the mean, {Percent(p95)} at the 95th percentile of {shares.Count}";
        return p95 <= SmallLoss ? new("loss", Pass, finding)
            : new("loss", p95 <= LargeLoss ? Warn : Fail, finding, "Give the fork's packets their own queue (DSCP EF), raise net.core.rmem_max (edgeassist doctor), keep the appliance near the SBC.");
    }

    private static ReadinessItem Recognition(ReadinessFacts facts)
    {
        if (facts.Confidences is not { Count: > 0 } confidences) return NotKnown("recognition", "nothing was recognised", "edgeassist models pull, then look again; with --folder a sample is recognised.");
        var sorted = confidences.Order().ToArray();
        double At(double share) => sorted[(int)((sorted.Length - 1) * share)];
        var low = (double)sorted.Count(confidence => confidence < LowConfidence) / sorted.Length;
        var finding = $"{sorted.Length} utterances, confidence p10 {Number(At(0.1))}, p50 {Number(At(0.5))}, p90 {Number(At(0.9))}; {Percent(low)} below {Number(LowConfidence)}";
        return low <= 0.15 ? new("recognition", Pass, finding)
            : new("recognition", low <= 0.4 ? Warn : Fail, finding, "Set the language and the trunk's vocabulary, try a larger speech model (edgeassist models list), mend level and noise first.");
    }

    private static ReadinessItem WordErrors((int Errors, int Words) errors)
    {
        var rate = errors.Words == 0 ? 1 : (double)errors.Errors / errors.Words;
        var finding = $"word error rate {Percent(rate)} over {errors.Words} words of references";
        return rate <= GoodWordErrors ? new("word errors", Pass, finding)
            : new("word errors", rate <= UsableWordErrors ? Warn : Fail, finding, "As for recognition; look at what was said and what was heard, names and numbers count most.");
    }

    private static ReadinessItem History(ReadinessFacts facts)
    {
        if (facts.History is not { } history || history.WithCustomer == 0)
            return NotKnown("history", "history of customers: none was looked up", "Import it (edgeassist history import), and let signalling carry the customer's number.");
        var share = (double)history.Matched / history.WithCustomer;
        var age = facts.HistoryAge is { } known ? $", newest record {Age(known)} old" : ", age of the records not known";
        var finding = $"{Count(history.Matched, history.WithCustomer)} calls with a customer found a history{age}";
        var verdict = Worse(share >= 0.7 ? Pass : share >= 0.3 ? Warn : Fail, facts.HistoryAge is not { } old ? Pass : old <= FreshHistory ? Pass : old <= UsableHistory ? Warn : Fail);
        return new("history", verdict, finding, verdict == Pass ? "" : "Write numbers with their country code on both sides, and import at least daily.");
    }

    private static ReadinessItem Duplicates(ReadinessFacts facts)
    {
        if (facts.Duplicates is not { } duplicates) return NotKnown("duplicates", "duplicates: not known", "Give calls an id that other systems share.");
        return Many("duplicates", Math.Max(1, facts.Calls), duplicates.Count, $"{Count(duplicates.Count, facts.Calls)} calls are there twice", duplicates, "One fork a call: look for two recording profiles, or a mirror and SIPREC of the same trunk.");
    }

    private static ReadinessItem Satisfaction(ReadinessFacts facts)
    {
        if (facts.Satisfaction is not { } answers) return NotKnown("satisfaction", "satisfaction: no answers were given", "Export the survey with the call's id (satisfaction.csv: call_id, score), or do without this measure.");
        var share = facts.Calls == 0 ? 0 : (double)answers.Answered / facts.Calls;
        var finding = $"{Count(answers.Answered, facts.Calls)} calls with an answer, {answers.Unknown} answers without a call";
        return share >= 0.05 && answers.Unknown <= answers.Answered ? new("satisfaction", Pass, finding)
            : new("satisfaction", Warn, finding, answers.Unknown > answers.Answered ? "The ids of calls do not match: export the id that signalling carries." : "Below 5 % those who answer are hardly like the others: the measure will say «not enough data».");
    }

    private static ReadinessItem Consent(ReadinessFacts facts)
    {
        if (facts.Consent is not { } consent || facts.Calls == 0) return NotKnown("consent", "consent: no call says", "Let the announcement or the IVR hand it on (calls.csv: consent), or state the legal basis that makes it unnecessary.");
        var finding = $"{Count(consent.Known, facts.Calls)} calls say whether there is consent, {consent.Refused} of them refused";
        return consent.Known == facts.Calls ? new("consent", Pass, finding) : new("consent", Warn, finding, "Calls without a flag must not be analysed where consent is the legal basis: route them past the fork.");
    }

    private static ReadinessItem Clock(ClockReading? reading)
    {
        if (reading is not { IsKnown: true } clock) return NotKnown("clock", "clock: the kernel cannot be asked", "Make sure that a time service runs.");
        if (!clock.Synchronised) return new("clock", Fail, "the kernel says the clock is not synchronised", "Start chrony or systemd-timesyncd: days, cycles and the reconciliation with call records rest on it.");
        var finding = string.Create(CultureInfo.InvariantCulture, $"synchronised, offset {clock.Offset.TotalMilliseconds:0.000} ms, error at most {clock.MaxError.TotalMilliseconds:0} ms");
        return clock.Offset.Duration() <= SmallOffset ? new("clock", Pass, finding) : new("clock", Warn, finding, "Wait until the time service has caught up, or step the clock once.");
    }

    private static ReadinessItem Storage(StorageReading? reading, ReadinessPlan plan)
    {
        if (reading is not { } disk) return NotKnown("storage", "storage: not looked at", "Run it on the machine that will hold the data.");
        var finding = string.Create(CultureInfo.InvariantCulture, $"{disk.FreeBytes / (double)(1L << 30):0.0} GiB free, fsync {disk.SyncP50.TotalMilliseconds:0.0} ms in the median, {disk.SyncWorst.TotalMilliseconds:0.0} ms at worst of 20");
        if (disk.FreeBytes < plan.NeededBytes / 4) return new("storage", Fail, finding, "Free some space: the journal alone keeps about half a gigabyte.");
        return disk.FreeBytes >= plan.NeededBytes && disk.SyncP50 <= FastSync ? new("storage", Pass, finding)
            : new("storage", disk.SyncP50 > UsableSync ? Fail : Warn, finding, disk.FreeBytes < plan.NeededBytes ? "Below 2 GiB journal and measures do not fit for long." : "Every alert waits for an fsync: use a local SSD, no network share.");
    }

    private static ReadinessItem Capacity(CapacityReading? capacity, ReadinessPlan plan)
    {
        if (capacity is not { } known) return NotKnown("capacity", $"capacity for {plan.PlannedCalls} calls: not known", "Run it with --folder (a sample is recognised and timed), or look again under load.");
        var finding = string.Create(CultureInfo.InvariantCulture, $"{(known.IsLowerBound ? "at least" : "about")} {known.Calls:0.#} calls at once, {plan.PlannedCalls} are planned ({known.How})");
        if (known.IsLowerBound && known.Calls < plan.PlannedCalls) return new("capacity", Warn, finding, "So many calls never came together: time a sample with --folder, or look again under load.");
        return known.Calls >= plan.PlannedCalls * 1.25 ? new("capacity", Pass, finding)
            : new("capacity", known.Calls >= plan.PlannedCalls ? Warn : Fail, finding, "More cores, a smaller speech model, or several inference workers; under overload quality gives way in steps and every event says so.");
    }

    private static ReadinessItem Volume(ReadinessFacts facts, ReadinessPlan plan)
    {
        if (facts.Teams is not { Count: > 0 } teams) return NotKnown("calls per team", "calls per team: not known", "Let a trunk rule say which team a call belongs to, and look at a week of calls.");
        var share = facts.EscalationShare is { } seen and > 0 and < 1 ? seen : plan.AssumedEscalationShare;
        var assumed = facts.EscalationShare is > 0 and < 1 ? "" : " (assumed)";
        var sizes = teams.OrderBy(team => team.Team, StringComparer.Ordinal).Select(team =>
        {
            var calls = team.Calls / team.Days * plan.Days;
            return (team.Team, Calls: calls, Least: MinimumDetectable(share, calls / DesignEffect) / share);
        }).ToList();
        var coarse = sizes.Where(team => team.Least > plan.WorthwhileChange).ToList();
        var finding = string.Create(CultureInfo.InvariantCulture, $"with {Percent(share)} of calls escalating{assumed}, {plan.Days} days before and after find a change of at least ")
            + string.Join("; ", sizes.Select(team => string.Create(CultureInfo.InvariantCulture, $"{(team.Team.Length > 0 ? team.Team : "(no team)")}: {(double.IsInfinity(team.Least) ? "none" : Percent(team.Least))} of that with {team.Calls:0} calls")));
        if (coarse.Count == 0) return new("calls per team", Pass, finding);
        var needed = 2 * share * (1 - share) * Math.Pow((Distributions.NormalQuantile(0.975) + Distributions.NormalQuantile(0.8)) / (plan.WorthwhileChange * share), 2) * DesignEffect;
        return new("calls per team", coarse.Count == sizes.Count ? Fail : Warn, finding,
            string.Create(CultureInfo.InvariantCulture, $"A change of {Percent(plan.WorthwhileChange)} takes about {Math.Ceiling(needed):0} calls a team and side: plan more days, join teams, or be content with a coarser answer."));
    }

    private static ReadinessItem Many(string id, int all, int bad, string finding, IReadOnlyList<string> which, string fix)
    {
        if (bad == 0) return new(id, Pass, finding);
        var share = (double)bad / Math.Max(1, all);
        return new(id, share <= 1 - GoodShare ? Pass : share <= 1 - UsableShare ? Warn : Fail, $"{finding}: {Few(which)}", share <= 1 - GoodShare ? "" : fix);
    }

    private static ReadinessItem NotKnown(string id, string finding, string fix) => new(id, Warn, finding, fix);

    private static ReadinessVerdict Worse(ReadinessVerdict one, ReadinessVerdict other) => one > other ? one : other;

    private static string Few(IReadOnlyList<string> all) => string.Join(", ", all.Take(3)) + (all.Count > 3 ? $" and {all.Count - 3} more" : "");

    private static string Count(int some, int all) => all == 0 ? "0 of 0" : $"{some} of {all} ({Percent((double)some / all)})";

    private static string Percent(double share) => (share * 100).ToString(share is > 0 and < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Db(double level) => level.ToString("0", CultureInfo.InvariantCulture).Replace('-', '−') + " dB";

    private static string Age(TimeSpan age) => age.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days") : string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} hours");
}
