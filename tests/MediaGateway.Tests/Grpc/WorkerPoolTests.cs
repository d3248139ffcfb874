using EdgeAssist.Internal.V1;
using EdgeAssist.MediaGateway.Grpc;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Grpc;

public sealed class WorkerPoolTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CallAudio.CallAudioClient[] _workers = [.. Enumerable.Range(1, 3).Select(i => new CallAudio.CallAudioClient(GrpcChannel.ForAddress($"http://127.0.0.{i}:1")))];

    [Fact]
    public void Calls_go_to_the_worker_with_the_fewest()
    {
        var pool = new WorkerPool(_workers, _time);

        WorkerPlace[] places = [.. Enumerable.Range(0, 6).Select(_ => pool.Take())];
        places[1].Dispose();

        Assert.All(places.GroupBy(place => place.Client), group => Assert.Equal(2, group.Count()));
        Assert.Same(places[1].Client, pool.Take().Client);
    }

    [Fact]
    public void A_worker_whose_link_broke_is_passed_over_for_a_while()
    {
        var pool = new WorkerPool(_workers, _time);
        var first = pool.Take();
        first.Broke();
        first.Dispose();

        Assert.All(Enumerable.Range(0, 8).Select(_ => pool.Take()), place => Assert.NotSame(first.Client, place.Client));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Same(first.Client, pool.Take().Client);
    }

    [Fact]
    public void The_only_worker_is_taken_even_when_its_link_broke()
    {
        var pool = new WorkerPool(_workers[..1], _time);
        pool.Take().Broke();

        Assert.Same(_workers[0], pool.Take().Client);
    }
}
