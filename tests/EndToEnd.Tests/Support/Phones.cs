using System.Globalization;
using System.Text;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>A baresip phone on loopback (Debian package baresip-core): plays a tone into its call and keeps what it hears.</summary>
internal sealed class BaresipPhone : IAsyncDisposable
{
    private const int SampleRate = 8000;
    private readonly string _folder;
    private readonly RunningTool _tool;

    private BaresipPhone(string folder, RunningTool tool) => (_folder, _tool) = (folder, tool);

    public string Output => _tool.Output;

    /// <summary>Starts a phone.</summary>
    /// <param name="folder">The test's folder; the phone gets its own in it.</param>
    /// <param name="name">User part of its address.</param>
    /// <param name="port">Its SIP port.</param>
    /// <param name="says">What it says, 8 kHz.</param>
    /// <param name="registrar">Port it registers at; 0 for none.</param>
    /// <param name="dials">Called once it runs; empty for a phone that answers.</param>
    /// <param name="seconds">How long it runs.</param>
    public static BaresipPhone Start(string folder, string name, int port, short[] says, int registrar, string dials, int seconds)
    {
        var program = Tool.Find("baresip");
        if (program is null || !File.Exists("/usr/lib/baresip/modules/aufile.so")) Assert.Skip("baresip is not installed (Debian: apt-get install baresip-core).");
        var own = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllBytes(Path.Combine(own, "tone.wav"), Wave(says));
        File.WriteAllText(Path.Combine(own, "config"), string.Create(CultureInfo.InvariantCulture, $"""
            poll_method epoll
            sip_listen 127.0.0.1:{port}
            net_interface 127.0.0.1
            call_max_calls 2
            audio_source aufile,{own}/tone.wav
            ausrc_srate {SampleRate}
            auplay_srate {SampleRate}
            ausrc_channels 1
            auplay_channels 1
            rtp_ports {port + 100}-{port + 180}
            snd_path {own}
            module_path /usr/lib/baresip/modules
            module g711.so
            module aufile.so
            module sndfile.so
            module_tmp uuid.so
            module_tmp account.so
            module_app menu.so

            """));
        var domain = registrar > 0 ? $":{registrar.ToString(CultureInfo.InvariantCulture)};transport=udp" : "";
        File.WriteAllText(Path.Combine(own, "accounts"), $"<sip:{name}@127.0.0.1{domain}>;regint={(registrar > 0 ? "60" : "0")};answermode={(dials.Length == 0 ? "auto" : "manual")}\n");
        File.WriteAllText(Path.Combine(own, "contacts"), "");
        List<string> arguments = ["-4", "-f", own, "-t", seconds.ToString(CultureInfo.InvariantCulture)];
        if (dials.Length > 0) arguments.AddRange(["-e", "/dial " + dials]);
        return new BaresipPhone(own, RunningTool.Start(program!, arguments, own));
    }

    /// <summary>Half a minute of a tone.</summary>
    public static short[] Tone(double hz) => ToneProbe.Make(hz, -12, TimeSpan.FromSeconds(30), SampleRate);

    public Task WaitForAsync(string text, CancellationToken cancellationToken) => _tool.WaitForAsync(text, TimeSpan.FromSeconds(20), cancellationToken);

    public Task<int> WaitForExitAsync(CancellationToken cancellationToken) => _tool.WaitForExitAsync(TimeSpan.FromSeconds(40), cancellationToken);

    /// <summary>What was heard in the second half of the call.</summary>
    public ToneReading Heard()
    {
        var file = Assert.Single(Directory.GetFiles(_folder, "dump-*-dec.wav"));
        var bytes = File.ReadAllBytes(file);
        var samples = new short[(bytes.Length - 44) / 2];
        Buffer.BlockCopy(bytes, 44, samples, 0, samples.Length * 2);
        Assert.True(samples.Length > SampleRate, $"{samples.Length} samples were heard.");
        var middle = samples.Length / 2;
        return ToneProbe.Measure(samples.AsSpan(middle, Math.Min(4096, samples.Length - middle)), SampleRate);
    }

    /// <summary>Everything heard so far, 8 kHz, while the call goes on too; empty before it.</summary>
    public short[] HeardSoFar()
    {
        if (Directory.GetFiles(_folder, "dump-*-dec.wav") is not [var file, ..]) return [];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        if (bytes.Length <= 44) return [];
        var samples = new short[(bytes.Length - 44) / 2];
        Buffer.BlockCopy(bytes, 44, samples, 0, samples.Length * 2);
        return samples;
    }

    public ValueTask DisposeAsync() => _tool.DisposeAsync();

    private static byte[] Wave(short[] samples)
    {
        var bytes = new byte[44 + (samples.Length * 2)];
        Encoding.ASCII.GetBytes("RIFF").CopyTo(bytes, 0);
        BitConverter.GetBytes(bytes.Length - 8).CopyTo(bytes, 4);
        Encoding.ASCII.GetBytes("WAVEfmt ").CopyTo(bytes, 8);
        BitConverter.GetBytes(16).CopyTo(bytes, 16);
        BitConverter.GetBytes((short)1).CopyTo(bytes, 20);
        BitConverter.GetBytes((short)1).CopyTo(bytes, 22);
        BitConverter.GetBytes(SampleRate).CopyTo(bytes, 24);
        BitConverter.GetBytes(SampleRate * 2).CopyTo(bytes, 28);
        BitConverter.GetBytes((short)2).CopyTo(bytes, 32);
        BitConverter.GetBytes((short)16).CopyTo(bytes, 34);
        Encoding.ASCII.GetBytes("data").CopyTo(bytes, 36);
        BitConverter.GetBytes(samples.Length * 2).CopyTo(bytes, 40);
        Buffer.BlockCopy(samples, 0, bytes, 44, samples.Length * 2);
        return bytes;
    }
}
