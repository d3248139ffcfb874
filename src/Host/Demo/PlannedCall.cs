using System.Collections.Immutable;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.Host.Demo;

/// <summary>The two laws of ITU-T G.711.</summary>
internal enum G711Law
{
    Mu = 0,
    A = 1,
}

/// <summary>Recordings as streams of a call to place.</summary>
internal static class PlannedCall
{
    /// <exception cref="UserError">A recording cannot be used; the message says which and why.</exception>
    public static ImmutableArray<RecordingCallStream> Streams(SampleCall call, G711Law law) =>
        [.. call.Parties.Select((party, index) => Stream(index, party.Aor, party.Name, Path.Combine(call.Folder, party.File), law))];

    /// <summary>Streams of bare recordings; the parties get example addresses, which a trunk's role rules can tell apart.</summary>
    /// <exception cref="UserError">Neither is given, or a recording cannot be used.</exception>
    public static ImmutableArray<RecordingCallStream> Streams(string? customer, string? agent, G711Law law)
    {
        var streams = ImmutableArray.CreateBuilder<RecordingCallStream>();
        if (customer is not null) streams.Add(Stream(streams.Count, "sip:+12025550100@carrier.example", "Customer", customer, law));
        if (agent is not null) streams.Add(Stream(streams.Count, "sip:agent@contact-centre.example", "Agent", agent, law));
        return streams.Count > 0 ? streams.ToImmutable() : throw new UserError("What shall be played? Name a folder with call.json, or --customer FILE and --agent FILE.");
    }

    private static RecordingCallStream Stream(int index, string aor, string name, string file, G711Law law)
    {
        try
        {
            var wave = WaveFile.Read(file);
            return new RecordingCallStream
            {
                Label = (index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
                Aor = aor,
                Name = name,
                Encoded = wave.ToG711(channel: 0, law == G711Law.A ? WaveCoding.ALaw : WaveCoding.MuLaw),
                PayloadType = (byte)(law == G711Law.A ? 8 : 0),
            };
        }
        catch (Exception unfit) when (unfit is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new UserError(unfit.Message.StartsWith(file, StringComparison.Ordinal) ? unfit.Message : $"{file}: {unfit.Message}", unfit);
        }
    }
}
