namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>Deadlines for what should have happened long before.</summary>
internal static class Patience
{
    public static CancellationToken Of(double seconds) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;

    public static CancellationToken Normal => Of(60);
}
