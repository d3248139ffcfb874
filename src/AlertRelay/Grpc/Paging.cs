using System.Globalization;
using EdgeAssist.AlertRelay.Journal;

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

    /// <summary>One page of what began in the journal, newest first, and the token of the next; empty behind the last.</summary>
    /// <param name="journal">Where.</param>
    /// <param name="kind">What begins something: a call, an alert.</param>
    /// <param name="pageSize">As asked.</param>
    /// <param name="pageToken">As asked.</param>
    /// <param name="show">What a beginning is shown as; null: not at all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<(List<T> Found, string Next)> ReadAsync<T>(
        IJournal journal, JournalKind kind, int pageSize, string pageToken, Func<StoredRecord, ValueTask<T?>> show, CancellationToken cancellationToken)
        where T : class
    {
        var (size, before) = (Size(pageSize), Read(pageToken));
        var found = new List<T>();
        while (found.Count < size)
        {
            var begun = await journal.ReadBeginningsAsync(kind, before, size, cancellationToken);
            if (begun.Count == 0) return (found, "");
            foreach (var stored in begun)
            {
                before = stored.Offset;
                if (await show(stored) is { } shown) found.Add(shown);
                if (found.Count == size) break;
            }
        }

        return (found, Write(before));
    }
}
