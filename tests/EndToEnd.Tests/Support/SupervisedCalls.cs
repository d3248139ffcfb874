using System.Diagnostics;
using System.Globalization;
using EdgeAssist.Host.Demo;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>
/// An inline call between two phones that play real speech, and a supervisor's phone that plays a chord nobody else has in their
/// voice: the speech has notches where the chord's tones are.
/// </summary>
internal sealed class SupervisedCalls : IAsyncDisposable
{
    private static readonly double[] s_chord = [1_210, 1_730, 2_390];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly List<IAsyncDisposable> _open = [];
    private GrpcChannel _channel = null!;

    private SupervisedCalls(string folder) => _folder = folder;

    public TestAppliance Appliance { get; private set; } = null!;

    public InlineCalls Inline { get; private set; } = null!;

    public Watcher Watcher { get; private set; } = null!;

    public BaresipPhone Agent { get; private set; } = null!;

    public BaresipPhone Customer { get; private set; } = null!;

    public BaresipPhone Supervisor { get; private set; } = null!;

    public Supervision.SupervisionClient Client { get; private set; } = null!;

    public string CallId { get; private set; } = "";

    /// <summary>Starts the appliance and the phones, and waits until the call is known to the relay.</summary>
    /// <param name="folder">The test's.</param>
    /// <param name="isApart">The three parts in processes' stead apart, joined by gRPC.</param>
    /// <param name="models">Folder of models; an empty one does for what needs no words.</param>
    /// <param name="cancellationToken">Of the test.</param>
    /// <param name="more">Further settings.</param>
    public static async Task<SupervisedCalls> StartAsync(string folder, bool isApart, string models, CancellationToken cancellationToken, params KeyValuePair<string, string?>[] more)
    {
        var calls = new SupervisedCalls(folder);
        try
        {
            await calls.BeginAsync(isApart, models, more, cancellationToken);
            return calls;
        }
        catch
        {
            await calls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the supervisor's phone as kill -9 does.</summary>
    public ValueTask KillSupervisorAsync()
    {
        _open.Remove(Supervisor);
        return Supervisor.DisposeAsync();
    }

    /// <summary>Waits until an intervention is so far.</summary>
    public async Task<Intervention> WaitForAsync(string id, Func<Intervention, bool> isSo, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        Intervention? newest = null;
        try
        {
            using var watching = Client.Watch(new WatchInterventionsRequest { CallIds = { CallId } }, cancellationToken: limit.Token);
            await foreach (var list in watching.ResponseStream.ReadAllAsync(limit.Token))
            {
                newest = list.Interventions_.FirstOrDefault(known => known.InterventionId == id) ?? newest;
                if (newest is not null && isSo(newest)) return newest;
            }
        }
        catch (Exception late) when (late is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && !cancellationToken.IsCancellationRequested)
        {
            // Said below, with how far it came.
        }

        throw new TimeoutException($"The intervention did not come so far: {newest}. {Supervisor.Output}");
    }

    /// <summary>Waits until a phone hears the supervisor now.</summary>
    public static Task HearsChordAsync(BaresipPhone phone, CancellationToken cancellationToken) =>
        UntilAsync(() => phone.HeardSoFar() is { Length: > 4096 } heard && ChordIn(heard.AsSpan(heard.Length - 4096)) > -35, () => $"The supervisor is not heard. {phone.Output}", cancellationToken);

    /// <summary>Waits for something, looking at it now and then.</summary>
    public static async Task UntilAsync(Func<bool> isSo, Func<string> why, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_patience;)
        {
            if (isSo()) return;
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException(why());
    }

    /// <summary>The level of the supervisor's chord, dB of full scale: that of its strongest tone.</summary>
    public static double ChordIn(ReadOnlySpan<short> heard)
    {
        var level = -200.0;
        foreach (var hz in s_chord) level = Math.Max(level, ToneProbe.Level(heard, 8_000, hz));
        return level;
    }

    /// <summary>The loudest the chord ever was in any half second.</summary>
    public static double LoudestChord(ReadOnlySpan<short> heard)
    {
        var loudest = -200.0;
        for (var at = 0; at + 4096 <= heard.Length; at += 2048) loudest = Math.Max(loudest, ChordIn(heard.Slice(at, 4096)));
        return loudest;
    }

    /// <summary>Root mean square, dB of full scale.</summary>
    public static double Loudness(ReadOnlySpan<short> heard)
    {
        var sum = 0.0;
        foreach (var sample in heard) sum += (double)sample * sample;
        return 10 * Math.Log10(Math.Max(1, sum) / Math.Max(1, heard.Length) / (32_768.0 * 32_768));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open)) await open.DisposeAsync();
        _channel?.Dispose();
    }

    private async Task BeginAsync(bool isApart, string models, KeyValuePair<string, string?>[] more, CancellationToken cancellationToken)
    {
        var sample = SampleCall.Bundled("escalation");
        var (agentPort, supervisorPort) = (LoopbackPorts.Free(), LoopbackPorts.Free());
        Inline = new InlineCalls(_folder);
        KeyValuePair<string, string?>[] settings =
        [
            .. Inline.Settings(agentPort),
            new("Supervision:Phones:0:Subject", "wall"),
            new("Supervision:Phones:0:Address", string.Create(CultureInfo.InvariantCulture, $"sip:sue@127.0.0.1:{supervisorPort}")),
            .. more,
        ];
        Appliance = Keep(isApart ? await TestAppliance.StartApartAsync(models, settings, cancellationToken) : await TestAppliance.StartAsync(models, cancellationToken, settings));
        Watcher = Keep(Appliance.Watch());
        await Watcher.OpenAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        _channel = GrpcChannel.ForAddress(Appliance.Api, new GrpcChannelOptions
        {
            UnsafeUseInsecureChannelCallCredentials = true,
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, CallCredentials.FromInterceptor((_, metadata) =>
            {
                metadata.Add("authorization", "Bearer " + Appliance.Token());
                return Task.CompletedTask;
            })),
        });
        Client = new Supervision.SupervisionClient(_channel);
        Agent = Keep(BaresipPhone.Start(_folder, "susan", agentPort, Speech(sample, "agent"), 0, "", 200));
        Supervisor = Keep(BaresipPhone.Start(_folder, "sue", supervisorPort, Chord(), 0, "", 200));
        await Agent.WaitForAsync("baresip is ready", cancellationToken);
        await Supervisor.WaitForAsync("baresip is ready", cancellationToken);
        Customer = Keep(BaresipPhone.Start(_folder, "daniel", LoopbackPorts.Free(), Speech(sample, "customer"), 0, $"sip:susan@{Appliance.Sip}", 200));
        await Watcher.WaitForAsync((heard, _) => heard.Any(one => one.Value.Started is not null), cancellationToken).WaitAsync(s_patience, cancellationToken);
        CallId = Watcher.Calls.First(heard => heard.Value.Started is not null).Value.CallId;
        await LinkedAsync(cancellationToken);
    }

    /// <summary>Waits for the relay's link to a gateway that began after it: until then a wish is answered UNAVAILABLE.</summary>
    private async Task LinkedAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                await Client.CapabilitiesAsync(new CapabilitiesRequest { CallId = CallId }, cancellationToken: cancellationToken);
                return;
            }
            catch (RpcException notYet) when (notYet.StatusCode == StatusCode.Unavailable && clock.Elapsed < s_patience)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>What the supervisor's phone plays.</summary>
    public static short[] Chord()
    {
        var chord = new short[8_000 * 120];
        foreach (var hz in s_chord)
        {
            var tone = ToneProbe.Make(hz, -20, TimeSpan.FromSeconds(120), 8_000);
            for (var i = 0; i < chord.Length; i++) chord[i] += tone[i];
        }

        return chord;
    }

    /// <summary>One party of a sample call, without the chord's tones.</summary>
    public static short[] Speech(SampleCall sample, string role)
    {
        var samples = Clip.ReadWav(Path.Combine(sample.Folder, sample.Parties.First(party => party.Role == role).File)).Samples.Select(value => (double)value).ToArray();
        foreach (var hz in s_chord.Concat(s_chord)) Notch(samples, hz);
        return [.. samples.Select(value => (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue))];
    }

    /// <summary>A second-order notch, 80 Hz wide.</summary>
    private static void Notch(double[] samples, double hz)
    {
        var w = 2 * Math.PI * hz / 8_000;
        var alpha = Math.Sin(w) * 80 / (2 * hz);
        var (b1, a0, a2) = (-2 * Math.Cos(w), 1 + alpha, 1 - alpha);
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var x = samples[i];
            var y = (x + (b1 * x1) + x2 - (b1 * y1) - (a2 * y2)) / a0;
            (x2, x1, y2, y1, samples[i]) = (x1, x, y1, y, y);
        }
    }

    private T Keep<T>(T open)
        where T : IAsyncDisposable
    {
        _open.Add(open);
        return open;
    }
}
