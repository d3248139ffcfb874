using System.CommandLine;
using System.Globalization;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.RelayBench;

/// <summary>The process under test: our relay, told by lines what to do; answers each with one line.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var fork = new Option<bool>("--fork") { Description = "Decode both sides of every call; readers stand where analysis would." };
        var gather = new Option<double>("--gather") { Description = "Relay:Gather in milliseconds.", DefaultValueFactory = _ => 1 };
        var plain = new Option<bool>("--plain") { Description = "The way without epoll." };
        var command = new Command("serve", "Runs the relay for a load program (used by the other commands).") { fork, gather, plain };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(fork), arguments.GetValue(gather), arguments.GetValue(plain), cancellationToken));
        return command;
    }

    private static async Task RunAsync(bool fork, double gather, bool plain, CancellationToken cancellationToken)
    {
        var options = new RelayOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0, Gather = TimeSpan.FromMilliseconds(gather) };
        await using var relay = new MediaRelay(options, TimeProvider.System, NullLogger.Instance, !plain && EpollRelaySockets.IsSupported);
        using var pauses = new PauseListener();
        var session = new Session(relay, fork, pauses);
        while (await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            await Console.Out.WriteLineAsync(session.Do(line.Split(' ')).AsMemory(), cancellationToken).ConfigureAwait(false);
            await Console.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Session(MediaRelay relay, bool fork, PauseListener pauses)
    {
        private readonly List<IRelayStream> _streams = [];
        private readonly long _residentAtStart = CpuTime.ResidentKiB(Environment.ProcessId);
        private long _allocated;
        private int _collections;
        private readonly List<AudioPipe> _pipes = [];   // also the lock of the reader's count
        private Thread? _reader;
        private long _read;

        public string Do(string[] words) => words[0] switch
        {
            "ready" => "ok",
            "open" => Open(Port(words[1]), Port(words[2]), words[3] == "1"),
            "mark" => Mark(),
            "report" => Report(long.Parse(words[1], CultureInfo.InvariantCulture)),
            "counts" => Counts(),
            _ => "unknown",
        };

        private static int Port(string word) => int.Parse(word, CultureInfo.InvariantCulture);

        private string Open(int caller, int callee, bool secure)
        {
            // The keys stay unread by the load program: it counts what it gets.
            using var keys = new SrtpLegKeys([SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80)], SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80));
            var pcmu = new MediaFormat(0, "PCMU", 8_000, 1, "");
            var stream = relay.TryOpen(new RelayPlan
            {
                Origin = Instant.Now(TimeProvider.System),
                Fork = fork,
                Caller = new RelaySidePlan { Remote = new IPEndPoint(IPAddress.Loopback, caller), Formats = [pcmu] },
                Callee = new RelaySidePlan { Remote = new IPEndPoint(IPAddress.Loopback, callee), Formats = [pcmu], Keys = secure ? keys : null },
            }) ?? throw new InvalidOperationException("No ports are free.");
            _streams.Add(stream);
            if (fork)
            {
                lock (_pipes) _pipes.AddRange([stream.Audio(RelaySide.Caller), stream.Audio(RelaySide.Callee)]);
                _reader ??= StartReader();
            }

            return string.Create(CultureInfo.InvariantCulture, $"{stream.LocalEndPoint(RelaySide.Caller).Port} {stream.LocalEndPoint(RelaySide.Callee).Port}");
        }

        /// <summary>Stands where analysis would: empties all pipes every 20 ms, on a thread of its own.</summary>
        private Thread StartReader()
        {
            var thread = new Thread(() =>
            {
                var samples = new short[AudioPipe.MaxFrameSamples];
                using var never = new ManualResetEventSlim();
                while (true)
                {
                    lock (_pipes)
                    {
                        foreach (var pipe in _pipes)
                            while (pipe.TryRead(samples, out var frame)) _read += frame.SampleCount;
                    }

                    never.Wait(20);
                }
            }) { IsBackground = true, Name = "reader" };
            thread.Start();
            return thread;
        }

        private string Mark()
        {
            pauses.Reset();
            _collections = GC.CollectionCount(0);
            lock (_pipes) _read = 0;
            _allocated = GC.GetTotalAllocatedBytes(precise: true);
            return "ok";
        }

        private string Report(long packets)
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - _allocated;
            var (collections, pause) = (GC.CollectionCount(0) - _collections, pauses.Longest);
            var resident = CpuTime.ResidentKiB(Environment.ProcessId);
            GC.Collect();   // so that there is a pause to see: the relay itself causes none
            var forced = GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations[0];
            var analysed = fork ? $", {PcmFormat.Duration(_read).TotalSeconds:F0} s of audio read, {Sum(side => side.ForkDropped)} packets and {PcmFormat.Duration(Sum(side => side.ForkDroppedSamples)).TotalSeconds:F1} s of audio dropped" : "";
            return string.Create(CultureInfo.InvariantCulture,
                $"{(double)allocated / Math.Max(1, packets):F2} B allocated a packet, {collections} collections, longest pause {pause.TotalMilliseconds:F1} ms, a forced full one under load {forced.TotalMilliseconds:F1} ms, {resident / 1024} MiB resident, {(double)(resident - _residentAtStart) / Math.Max(1, _streams.Count):F0} KiB a call{analysed}");
        }

        private string Counts() => string.Create(CultureInfo.InvariantCulture,
            $"received={Sum(side => side.PacketsReceived)} sent={Sum(side => side.PacketsSent)} lost={Sum(side => side.Lost)} strangers={Sum(side => side.WrongSource)} unauthenticated={Sum(side => side.Unauthenticated)}");

        private long Sum(Func<RelaySideStatistics, long> count) => _streams.Sum(stream => Both(stream, count));

        private static long Both(IRelayStream stream, Func<RelaySideStatistics, long> count) => count(stream.Statistics(RelaySide.Caller)) + count(stream.Statistics(RelaySide.Callee));
    }
}
