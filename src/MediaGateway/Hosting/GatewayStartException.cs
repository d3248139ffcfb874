namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>The gateway cannot start. The message is a sentence for the operator: what, where, and how to mend it.</summary>
public sealed class GatewayStartException : Exception
{
    public GatewayStartException(string message, Exception inner) : base(message, inner) { }
}
