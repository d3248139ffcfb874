using System.Threading.Channels;
using EdgeAssist.AlertRelay.Journal;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Turns what can go wrong below the services into statuses with a sentence.</summary>
internal sealed class FaultInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        ExplainAsync(() => continuation(request, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        ExplainAsync(async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        ExplainAsync(async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (JournalException fault)
        {
            throw RelayStatus.From(fault);
        }
        catch (History.HistoryException fault)
        {
            throw RelayStatus.From(fault);
        }
        catch (ChannelClosedException)
        {
            throw RelayStatus.ShuttingDown();
        }
    }
}
