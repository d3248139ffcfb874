using System.Diagnostics;
using System.Globalization;
using EdgeAssist.AlertRelay.Readiness;
using EdgeAssist.AlertRelay.Reconciliation;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Host.Readiness;

/// <summary>What a folder of recordings tells: audio measured, a sample recognised and timed, tables joined.</summary>
internal static class FolderFacts
{
    /// <summary>Speech recognised and timed at most; enough for a distribution, and some minutes of a slow machine.</summary>
    private static readonly TimeSpan SampleLength = TimeSpan.FromMinutes(3), LongestCall = TimeSpan.FromMinutes(1);

    private static readonly string[] Refusals = ["no", "refused", "false", "0", "denied"];

    /// <param name="folder">What was read.</param>
    /// <param name="name">For the finding.</param>
    /// <param name="dataDirectory">Where the appliance will keep its data; its disk is measured.</param>
    /// <param name="replay">Recognises a sample; null: nothing is recognised.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ReadinessFacts> OfAsync(RecordingFolder folder, string name, string dataDirectory, CallReplay? replay, CancellationToken cancellationToken)
    {
        var calls = folder.Calls;
        var audio = calls.SelectMany(call => call.Parties).Select(party => AudioMeter.Measure(party.Name, party.Samples, party.SampleRate)).ToList();
        var silent = audio.Where(party => party.IsSilent).Select(party => party.Name).ToHashSet(StringComparer.Ordinal);
        Heard? heard = replay is null ? null : await RecogniseAsync(folder, replay, cancellationToken);
        return new ReadinessFacts
        {
            Source = $"the recordings in {name}",
            Calls = calls.Count,
            Separated = calls.Count == 0 ? null : calls.Count(call => call.Parties.Count >= 2),
            RolesKnown = calls.Count == 0 ? null : calls.Count(AreRolesKnown),
            Codecs = calls.SelectMany(call => call.Parties).GroupBy(party => party.Codec, StringComparer.Ordinal).ToDictionary(codec => codec.Key, codec => codec.Count()),
            Audio = audio.Count == 0 ? null : audio,
            OneWay = calls.Count == 0 ? null : [.. calls.Where(call => call.Parties.Count >= 2 && call.Parties.Count(party => !silent.Contains(party.Name)) < 2).Select(call => call.Id)],
            Confidences = heard?.Confidences,
            WordErrors = heard?.Errors is { Words: > 0 } errors ? (errors.Errors, errors.Words) : null,
            Capacity = heard?.Capacity,
            History = History(folder),
            HistoryAge = HistoryAge(folder),
            Duplicates = calls.Count == 0 ? null : Duplicates(folder),
            Satisfaction = Satisfaction(folder),
            Consent = Consent(folder),
            Clock = ClockReading.Now(),
            Storage = StorageReading.Of(dataDirectory),
            Teams = Teams(folder),
            Unreadable = folder.Unreadable,
        };
    }

    private static bool AreRolesKnown(RecordedCallFiles call)
    {
        var roles = call.Parties.Select(party => party.Role).ToList();
        return (roles.Contains(PartyRole.Customer) && roles.Contains(PartyRole.Agent))
            || (call.Parties.Count == 2 && call.Column("customer_channel").Length > 0);
    }

    private static async Task<Heard> RecogniseAsync(RecordingFolder folder, CallReplay replay, CancellationToken cancellationToken)
    {
        var (confidences, errors, played) = (new List<double>(), default(WordErrors), TimeSpan.Zero);
        var busy = TimeSpan.Zero;

        // Calls with a reference first: they tell most.
        foreach (var call in folder.Calls.OrderByDescending(call => call.Parties.Any(party => Reference(folder, party) is not null)).ThenBy(call => call.Id, StringComparer.Ordinal))
        {
            if (played >= SampleLength) break;
            var parties = call.Parties.Where(party => party.SampleRate is 8000 or 16_000 or 48_000).ToList();
            if (parties.Count == 0) continue;
            var legs = parties.Select((party, i) => new LegInfo { Id = new LegId(i), Role = party.Role, RoleEvidence = RoleEvidence.Correction, Codec = party.Codec }).ToArray();
            var info = new CallInfo { Id = new CallId("readiness"), Origin = new Instant(0), StartedAt = DateTimeOffset.UnixEpoch, Source = "replay", Legs = [.. legs] };
            var pcm = parties.Select(party => Wide(party, (int)(LongestCall.TotalSeconds * PcmFormat.SampleRate))).ToList();
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            var events = await replay.RunAsync(info, Stretches(legs, pcm), cancellationToken);
            busy += Process.GetCurrentProcess().TotalProcessorTime - before;
            played += PcmFormat.Duration(pcm.Max(leg => leg.Length));

            var finals = events.OfType<TranscriptUpdated>().Select(update => update.Segment).Where(segment => segment.IsFinal).ToList();
            confidences.AddRange(finals.Select(final => (double)final.Confidence));
            for (var i = 0; i < parties.Count; i++)
            {
                if (Reference(folder, parties[i]) is { } said && parties[i].Samples.Length <= LongestCall.TotalSeconds * parties[i].SampleRate)
                    errors += WordErrorRate.Compare(said, string.Join(' ', finals.Where(final => final.Leg == legs[i].Id).OrderBy(final => final.Start).Select(final => final.Text)));
            }
        }

        if (played == TimeSpan.Zero || confidences.Count == 0) return new Heard(confidences, errors, null);
        var perCall = busy / played;
        return new Heard(confidences, errors, new CapacityReading(Environment.ProcessorCount * 0.8 / perCall, string.Create(CultureInfo.InvariantCulture,
            $"{played.TotalSeconds:0} s of calls took {perCall:0.000} cores a call, finals alone, {Environment.ProcessorCount} cores at 80 %")));
    }

    private static string? Reference(RecordingFolder folder, PartyAudio party) => folder.References.GetValueOrDefault(Path.GetFileNameWithoutExtension(party.Name));

    private static short[] Wide(PartyAudio party, int most)
    {
        var take = party.Samples.AsSpan(0, (int)Math.Min(party.Samples.Length, (long)most * party.SampleRate / PcmFormat.SampleRate));
        switch (party.SampleRate)
        {
            case 8000:
            {
                var (up, wide) = (new Upsampler2x(), new short[take.Length * 2]);
                for (var at = 0; at < take.Length; at += Upsampler2x.MaxBlock)
                {
                    var block = take.Slice(at, Math.Min(Upsampler2x.MaxBlock, take.Length - at));
                    up.Process(block, wide.AsSpan(at * 2, block.Length * 2));
                }

                return wide;
            }

            case 48_000:
            {
                var (down, wide, length) = (new Downsampler3x(), new short[take.Length / 3 + 1], 0);
                for (var at = 0; at < take.Length; at += Downsampler3x.MaxBlock)
                    length += down.Process(take.Slice(at, Math.Min(Downsampler3x.MaxBlock, take.Length - at)), wide.AsSpan(length));
                return wide[..length];
            }

            default:
                return take.ToArray();
        }
    }

    // Both legs in step, 20 ms at a time.
    private static IEnumerable<ReplayedAudio> Stretches(LegInfo[] legs, List<short[]> pcm)
    {
        const int step = 20 * PcmFormat.SamplesPerMillisecond;
        var longest = pcm.Max(leg => leg.Length);
        for (var at = 0; at < longest; at += step)
        {
            for (var i = 0; i < legs.Length; i++)
            {
                var length = Math.Min(step, pcm[i].Length - at);
                if (length <= 0) continue;
                var now = new Instant(0) + PcmFormat.Duration(at + length);
                yield return new ReplayedAudio(legs[i], new PcmFrame(at, length, PcmFrameKind.Received, now, now), pcm[i][at..(at + length)]);
            }
        }
    }

    private static (int, int)? History(RecordingFolder folder)
    {
        if (folder.History is not { } table || table.Column("customer") < 0 || folder.CallTable is not { } calls || calls.Column("customer") < 0) return null;
        var known = RecordingFolder.Rows(table).Select(row => CdrFile.Number(row["customer"])).Where(number => number.Length > 0).ToHashSet(StringComparer.Ordinal);
        var customers = RecordingFolder.Rows(calls).Select(row => CdrFile.Number(row["customer"])).Where(number => number.Length > 0).ToList();
        return (customers.Count, customers.Count(known.Contains));
    }

    private static TimeSpan? HistoryAge(RecordingFolder folder)
    {
        if (folder.History is not { } table || table.Column("updated_at") < 0) return null;
        var newest = RecordingFolder.Rows(table)
            .Select(row => DateTimeOffset.TryParse(row["updated_at"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null)
            .Max();
        return newest is { } known && TimeProvider.System.GetUtcNow() - known is var age ? (age > TimeSpan.Zero ? age : TimeSpan.Zero) : null;
    }

    // The same id twice in the table, or recordings whose octets are the same.
    private static IReadOnlyList<string> Duplicates(RecordingFolder folder)
    {
        var twice = folder.CallTable is { } table && table.Column("call_id") >= 0
            ? RecordingFolder.Rows(table).Select(row => row["call_id"]).Where(id => id.Length > 0).GroupBy(id => id, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key)
            : [];
        var same = folder.Calls
            .GroupBy(call => string.Join('/', call.Parties.Select(party => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(party.Samples.AsSpan()))))), StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .SelectMany(group => group.Skip(1).Select(call => call.Id));
        return [.. twice.Concat(same).Distinct(StringComparer.Ordinal)];
    }

    private static (int, int)? Satisfaction(RecordingFolder folder)
    {
        if (folder.Satisfaction is not { } table || table.Column("call_id") < 0) return null;
        var ids = folder.Calls.Select(call => call.Id).ToHashSet(StringComparer.Ordinal);
        if (folder.CallTable is { } calls && calls.Column("call_id") >= 0) ids.UnionWith(RecordingFolder.Rows(calls).Select(row => row["call_id"]));
        var answered = RecordingFolder.Rows(table).Select(row => row["call_id"]).Where(id => id.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return (answered.Count(ids.Contains), answered.Count(id => !ids.Contains(id)));
    }

    private static (int, int)? Consent(RecordingFolder folder)
    {
        if (folder.CallTable is not { } table || table.Column("consent") < 0) return null;
        var flags = RecordingFolder.Rows(table).Select(row => row["consent"].ToLowerInvariant()).Where(flag => flag.Length > 0).ToList();
        return (Math.Min(flags.Count, folder.Calls.Count), flags.Count(flag => Refusals.Contains(flag)));
    }

    private static IReadOnlyList<TeamVolume>? Teams(RecordingFolder folder)
    {
        if (folder.CallTable is not { } table || table.Column("team") < 0 || table.Column("started_at") < 0) return null;
        var rows = RecordingFolder.Rows(table).ToList();
        var days = rows.Select(row => DateTimeOffset.TryParse(row["started_at"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.UtcDateTime.Date : (DateTime?)null).OfType<DateTime>().ToList();
        if (days.Count == 0) return null;
        var span = (days.Max() - days.Min()).TotalDays + 1;
        return [.. rows.GroupBy(row => row["team"], StringComparer.Ordinal).Select(team => new TeamVolume(team.Key, team.Count(), span))];
    }

    /// <summary>What recognition of the sample gave.</summary>
    private sealed record Heard(IReadOnlyList<double> Confidences, WordErrors Errors, CapacityReading? Capacity);
}
