using System.Globalization;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Pages go back in the journal: a token is the offset in front of which the next page begins.</summary>
internal static class Paging
{
    private const int DefaultSize = 100, MaxSize = 1000;

    public static int Size(int asked) => asked switch
    {
        0 => DefaultSize,
        < 0 or > MaxSize => throw RelayStatus.Invalid($"page_size is {asked}; 1 to {MaxSize} fit, 0 stands for {DefaultSize}."),
        _ => asked,
    };

    public static long Read(string token)
    {
        if (token.Length == 0) return long.MaxValue;
        return long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var before)
            ? before
            : throw RelayStatus.Invalid("page_token is not one that a page ended with.");
    }

    public static string Write(long before) => before.ToString(CultureInfo.InvariantCulture);
}
