using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Playout and reception over real sockets.</summary>
public sealed class LoopbackCallTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("PCMU")]
    [InlineData("PCMA")]
    public async Task A_tone_keeps_its_frequency_and_level_from_the_wire_to_the_fork(string codec)
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var transport = Transport();
        await using var playout = RtpPlayout.Bind(IPAddress.Loopback, 1, TimeProvider.System);
        var format = codec == "PCMU" ? LegPlans.Pcmu : LegPlans.Pcma;
        var plan = LegPlans.Plan(Instant.Now(TimeProvider.System), format) with { Remote = new IPEndPoint(IPAddress.Loopback, playout.LocalPorts[0]) };
        var leg = transport.TryOpen(plan)!;
        var reading = PipeContent.ReadToEndAsync(leg.Audio, limit.Token);
        var tone = ToneProbe.Make(1_004, -10, TimeSpan.FromSeconds(1), 8_000);

        var stream = new PlayoutStream(new IPEndPoint(IPAddress.Loopback, leg.LocalPort), format.PayloadType, Encode(codec, tone), 0x1234);
        var result = await playout.PlayAsync([stream], limit.Token);
        await PacketsAsync(leg, 50, limit.Token);
        await leg.DisposeAsync();
        var heard = await reading;

        Assert.Equal(50, result[0].Packets);
        Assert.Equal(0, leg.Statistics.Lost);
        Assert.Equal(16_000, heard.Of(PcmFrameKind.Received));
        var probe = ToneProbe.Measure([.. heard.Samples.Skip(800).Take(14_400)], PcmFormat.SampleRate);
        Assert.InRange(probe.FrequencyHz, 1_003.9, 1_004.1);
        Assert.InRange(probe.LevelDb, -10.1, -9.9);
        Assert.InRange(probe.ResidueDb, -120, -45);   // companding noise is about 38 dB under the tone's power
    }

    internal static RtpMediaTransport Transport(Action<RtpOptions>? configure = null)
    {
        var options = new RtpOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 };
        configure?.Invoke(options);
        return new RtpMediaTransport(Options.Create(options), TimeProvider.System, NullLogger<RtpMediaTransport>.Instance);
    }

    internal static byte[] Encode(string codec, ReadOnlySpan<short> pcm)
    {
        var encoded = new byte[pcm.Length];
        if (codec == "PCMU") G711.EncodeMuLaw(pcm, encoded);
        else G711.EncodeALaw(pcm, encoded);
        return encoded;
    }

    /// <summary>Waits until the leg has counted so many packets.</summary>
    internal static Task PacketsAsync(IMediaLeg leg, long packets, CancellationToken limit) =>
        UntilAsync(() => leg.Statistics.Packets + leg.Statistics.WrongSource >= packets, limit);

    /// <summary>Waits until something holds.</summary>
    internal static async Task UntilAsync(Func<bool> holds, CancellationToken limit)
    {
        while (!holds())
        {
            limit.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
