using System.Threading.Channels;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Internal.V1;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// <c>edgeassist.internal.v1.CallScores</c>: events in, a receipt for each in order. Events are queued as they come and the
/// receipts follow when they are durable, so that one stream's events share appends.
/// </summary>
internal sealed class CallScoresService(RelayWriter writer) : CallScores.CallScoresBase
{
    // Reading stops when so many wait for their receipt; HTTP/2 then slows the publisher down.
    private const int MaxUnderWay = 1024;

    public override async Task Publish(IAsyncStreamReader<PublishRequest> requestStream, IServerStreamWriter<PublishReceipt> responseStream, ServerCallContext context)
    {
        Caller.OfPublisher(context);
        var underWay = Channel.CreateBounded<(long Sequence, Task<StepAnswer> Done)>(
            new BoundedChannelOptions(MaxUnderWay) { SingleReader = true, SingleWriter = true });
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);

        var receipts = SendReceiptsAsync(underWay.Reader, responseStream, failed);
        try
        {
            await ReceiveAsync(requestStream, underWay.Writer, failed.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && failed.IsCancellationRequested)
        {
            // The receipts' failure is the one to tell; it comes out below.
        }
        finally
        {
            underWay.Writer.TryComplete();
        }

        await receipts;
    }

    private async Task ReceiveAsync(IAsyncStreamReader<PublishRequest> requests, ChannelWriter<(long, Task<StepAnswer>)> underWay, CancellationToken cancellationToken)
    {
        var expected = 1L;
        while (await requests.MoveNext(cancellationToken))
        {
            var request = requests.Current;
            if (request.Sequence != expected)
                throw RelayStatus.Invalid($"Request {expected} was expected, {request.Sequence} came: sequences count from 1 without gaps.");
            if (Refuse(request.Event) is { } why) throw RelayStatus.Invalid($"Request {request.Sequence}: {why}");

            var done = IsPartial(request.Event)
                ? Task.FromResult(await writer.SayAsync(request.Event, cancellationToken))
                : await writer.QueueAsync(request.Event, cancellationToken);
            await underWay.WriteAsync((request.Sequence, done), cancellationToken);
            expected++;
        }
    }

    private static async Task SendReceiptsAsync(
        ChannelReader<(long Sequence, Task<StepAnswer> Done)> underWay, IServerStreamWriter<PublishReceipt> receipts, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var (sequence, done) in underWay.ReadAllAsync(failed.Token))
            {
                var answer = await done.WaitAsync(failed.Token);
                if (answer.Verdict != StepVerdict.Accepted)
                    throw new RpcException(new Status(StatusCode.FailedPrecondition, $"Request {sequence}: {answer.Why}"));
                await receipts.WriteAsync(new PublishReceipt { Sequence = sequence }, failed.Token);
            }
        }
        finally
        {
            await failed.CancelAsync();
        }
    }

    private static bool IsPartial(V1.CallEvent said) => said.KindCase == V1.CallEvent.KindOneofCase.Transcript && !said.Transcript.Final;

    private static string? Refuse(V1.CallEvent? said) => said switch
    {
        null => "it carries no event.",
        { CallId.Length: 0 or > 128 } => "the call id is empty or longer than 128 characters.",
        { KindCase: V1.CallEvent.KindOneofCase.None } => "it says nothing, or something newer than this build.",
        { KindCase: V1.CallEvent.KindOneofCase.Score, Score.Score: null } => "the score update has no score.",
        _ => null,
    };
}
