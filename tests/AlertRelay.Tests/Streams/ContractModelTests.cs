using CsCheck;
using EdgeAssist.AlertRelay.Tests.Support;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>
/// The stream contract as a model: whatever is published, cut, read and killed in whatever order, what a reader heard is
/// exactly what the journal says it should have, or it was told plainly that it cannot.
/// </summary>
public sealed class ContractModelTests
{
    private enum Act
    {
        /// <summary>Some words are said.</summary>
        Publish,

        /// <summary>The reader takes what is there for it.</summary>
        Read,

        /// <summary>The reader's connection is lost and it comes back with its token.</summary>
        Cut,

        /// <summary>The relay is killed: the next one starts from its files as they are at that moment.</summary>
        Kill,

        /// <summary>The relay shuts down in order and starts again.</summary>
        Restart,

        /// <summary>The reader begins anew with a snapshot.</summary>
        Snapshot,
    }

    private static readonly Act[] Weighted =
        [Act.Publish, Act.Publish, Act.Publish, Act.Read, Act.Read, Act.Read, Act.Cut, Act.Cut, Act.Kill, Act.Restart, Act.Snapshot];

    private static readonly Gen<(Act Act, int Size)[]> Stories = Gen.Select(
        Gen.Int[0, Weighted.Length - 1].Select(index => Weighted[index]),
        Gen.Int[1, 12]).Array[4, 16];

    [Fact]
    public async Task Whatever_happens_a_reader_has_heard_exactly_what_it_should()
    {
        await Stories.SampleAsync(PlayAsync, iter: 25, threads: 2, seed: "0001KOIH3nN3", print: story => string.Join(' ', story));
    }

    private static async Task PlayAsync((Act Act, int Size)[] story)
    {
        var directories = new List<TempDirectory> { new() };
        var server = await RelayServer.StartAsync(directories[0].Path);
        var reader = new Reader();
        try
        {
            var call = Say.NewCall();
            await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await reader.OpenAsync(server, snapshot: true);
            var said = 0;
            foreach (var (act, size) in story)
            {
                switch (act)
                {
                    case Act.Publish:
                        for (var i = 0; i < size; i++) await server.Sink.PublishAsync(Say.Final(call, ++said), Patience.Normal);
                        break;
                    case Act.Read:
                        await reader.ReadAsync(size, server);
                        break;
                    case Act.Cut:
                        await reader.OpenAsync(server, snapshot: false);
                        break;
                    case Act.Snapshot:
                        reader.Forget();
                        await reader.OpenAsync(server, snapshot: true);
                        break;
                    default:
                        reader.Close();
                        server = await NextAsync(server, directories, killed: act == Act.Kill);
                        call = Say.NewCall();   // the one before was lost with its relay
                        said = 0;
                        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
                        await reader.OpenAsync(server, snapshot: false);
                        break;
                }
            }

            await reader.ReadAsync(int.MaxValue, server);
            reader.Verify(server);
        }
        finally
        {
            reader.Close();
            await server.DisposeAsync();
            directories.ForEach(directory => directory.Dispose());
        }
    }

    private static async Task<RelayServer> NextAsync(RelayServer server, List<TempDirectory> directories, bool killed)
    {
        if (!killed)
        {
            await server.DisposeAsync();
            return await RelayServer.StartAsync(server.DataDirectory);
        }

        // A copy of the files of a live relay is what a SIGKILL leaves behind.
        var next = new TempDirectory();
        directories.Add(next);
        foreach (var file in Directory.GetFiles(server.DataDirectory, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(next.Path, Path.GetRelativePath(server.DataDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        await server.DisposeAsync();
        return await RelayServer.StartAsync(next.Path);
    }

    /// <summary>A reader that keeps to the contract and checks what it is told against the journal.</summary>
    private sealed class Reader
    {
        private readonly List<long> _heard = [];
        private AsyncServerStreamingCall<V1.WatchCallsResponse>? _stream;
        private string _token = "";
        private long _from;

        public void Forget() => (_token, _from) = ("", 0);

        public void Close() => _stream?.Dispose();

        public async Task OpenAsync(RelayServer server, bool snapshot)
        {
            Close();
            _stream = RawWatch.Calls(server.Invoker(), server.Headers(), _token, snapshot && _token.Length == 0);
            var hello = (await _stream.NextAsync(Patience.Normal)).Hello;
            Assert.NotNull(hello);
            if (_token.Length > 0) return;

            _token = hello.ResumeToken;
            _heard.Clear();
            while ((await _stream.NextAsync(Patience.Normal)) is var part)
            {
                if (part.SnapshotEnd is not { } end) continue;
                (_from, _token) = (end.Bookmark, end.ResumeToken);
                return;
            }
        }

        /// <summary>Takes so many events, or all there are.</summary>
        public async Task ReadAsync(int most, RelayServer server)
        {
            var head = server.Table.Journal.Head;
            for (var taken = 0; taken < most && (_heard.Count == 0 ? _from : _heard[^1]) < head;)
            {
                var message = await _stream!.NextAsync(Patience.Normal);
                if (message.Heartbeat is { } beat) Assert.True(beat.Offset <= server.Table.Journal.Head);
                if (message.Event is not { } told) continue;
                _heard.Add(told.Offset);
                _token = told.ResumeToken;
                taken++;
            }
        }

        public void Verify(RelayServer server)
        {
            var expected = Enumerable.Range(1, (int)server.Table.Journal.Head).Select(offset => (long)offset).Where(offset => offset > _from);
            Assert.Equal(expected, _heard);
        }
    }
}
