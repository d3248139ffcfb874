using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// Stands for a service where it is mapped. The generated binding is used for every method but Watch, whose responses are
/// <see cref="WireMessage"/>s: the framework's own binder has no room for another type of response, so it must not find one.
/// </summary>
internal sealed class AlertsEndpoint;

/// <inheritdoc cref="AlertsEndpoint"/>
internal sealed class CallsEndpoint;

internal sealed class AlertsBinding(AlertsService service) : IServiceMethodProvider<AlertsEndpoint>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<AlertsEndpoint> context)
    {
        V1.Alerts.BindService(new UnaryBinder<AlertsEndpoint>(context), service);
        WireBinding.AddWatch(context, V1.Alerts.Descriptor.FullName, V1.WatchAlertsRequest.Parser, service.Watch);
    }
}

internal sealed class CallsBinding(CallsService service) : IServiceMethodProvider<CallsEndpoint>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<CallsEndpoint> context)
    {
        V1.Calls.BindService(new UnaryBinder<CallsEndpoint>(context), service);
        WireBinding.AddWatch(context, V1.Calls.Descriptor.FullName, V1.WatchCallsRequest.Parser, service.Watch);
    }
}

/// <inheritdoc cref="AlertsEndpoint"/>
internal sealed class AssistEndpoint;

internal sealed class AssistBinding(AssistService service) : IServiceMethodProvider<AssistEndpoint>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<AssistEndpoint> context)
    {
        V1.Assist.BindService(new UnaryBinder<AssistEndpoint>(context), service);
        WireBinding.AddWatch(context, V1.Assist.Descriptor.FullName, V1.WatchAssistRequest.Parser, service.Watch);
    }
}

internal static class WireBinding
{
    private static readonly Marshaller<WireMessage> Responses = new(
        static (message, context) =>
        {
            context.SetPayloadLength(message.Size);
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static _ => throw new NotSupportedException("The relay writes these and does not read them."));

    public static void AddWatch<TEndpoint, TRequest>(
        ServiceMethodProviderContext<TEndpoint> context, string service, MessageParser<TRequest> parser, ServerStreamingServerMethod<TRequest, WireMessage> watch)
        where TEndpoint : class
        where TRequest : class, IMessage<TRequest>
    {
        var requests = Marshallers.Create(static request => request.ToByteArray(), parser.ParseFrom);
        context.AddServerStreamingMethod(
            new Method<TRequest, WireMessage>(MethodType.ServerStreaming, service, nameof(V1.Alerts.AlertsBase.Watch), requests, Responses),
            [], (_, request, stream, call) => watch(request, stream, call));
    }
}

/// <summary>Passes the generated methods on, except Watch.</summary>
internal sealed class UnaryBinder<TEndpoint>(ServiceMethodProviderContext<TEndpoint> context) : ServiceBinderBase
    where TEndpoint : class
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        context.AddUnaryMethod(method, [], (_, request, call) => handler!(request, call));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (method.Name != nameof(V1.Alerts.AlertsBase.Watch))
            context.AddServerStreamingMethod(method, [], (_, request, stream, call) => handler!(request, stream, call));
    }
}
