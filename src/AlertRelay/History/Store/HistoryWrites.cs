using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History.Store;

/// <summary>A customer as a source tells of them.</summary>
internal sealed record CustomerWrite
{
    public required string Key { get; init; }

    /// <summary>Empty when the source does not tell, or the operator does not keep it.</summary>
    public string Name { get; init; } = "";

    public double? Value { get; init; }

    public string Locale { get; init; } = "";

    public ImmutableArray<Identifier> Identifiers { get; init; } = [];

    /// <summary>These are all the identifiers the source knows: those it told before and does not name now are forgotten.</summary>
    public bool AllIdentifiers { get; init; }

    /// <summary>Only the key is known: one that is kept already stays as it is.</summary>
    public bool KeyOnly { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    /// <summary>What is wrong with it, as a sentence; null when nothing is.</summary>
    public string? Fault() =>
        HistoryLimits.Text("key", Key, 1, HistoryLimits.MaxId)
        ?? HistoryLimits.Text("name", Name, 0, HistoryLimits.MaxName)
        ?? HistoryLimits.Text("locale", Locale, 0, HistoryLimits.MaxWord)
        ?? (Value is { } value && (double.IsNaN(value) || value is < 0.1 or > 10) ? string.Create(CultureInfo.InvariantCulture, $"value is {value}; 0.1 to 10 fit.") : null)
        ?? (Identifiers.Length > HistoryLimits.MaxIdentifiers ? $"There are {Identifiers.Length} identifiers; {HistoryLimits.MaxIdentifiers} at most." : null);

    /// <summary>Equal for equal content, whenever it was told.</summary>
    public byte[] Digest() => Digests.Of([Key, Name, Value?.ToString("R", CultureInfo.InvariantCulture) ?? "", Locale]);
}

/// <summary>An interaction as its source tells of it, and whose it is.</summary>
internal sealed record InteractionWrite(string CustomerKey, CustomerInteraction Interaction)
{
    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc cref="CustomerWrite.Fault"/>
    public string? Fault() =>
        HistoryLimits.Text("customer", CustomerKey, 1, HistoryLimits.MaxId)
        ?? HistoryLimits.Text("source", Interaction.Source, 1, HistoryLimits.MaxWord)
        ?? HistoryLimits.Text("id", Interaction.SourceId, 1, HistoryLimits.MaxId)
        ?? HistoryLimits.Text("matter", Interaction.Matter, 0, HistoryLimits.MaxId)
        ?? HistoryLimits.Text("channel", Interaction.Channel, 0, HistoryLimits.MaxWord)
        ?? HistoryLimits.Text("summary", Interaction.Summary, 0, HistoryLimits.MaxSummary)
        ?? HistoryLimits.Text("currency", Interaction.Currency, 0, 3)
        ?? Time("at", Interaction.At) ?? Time("due", Interaction.DueAt) ?? Time("closed", Interaction.ClosedAt)
        ?? (Interaction.Rating is { } rating && (double.IsNaN(rating) || rating is < 0 or > 1) ? string.Create(CultureInfo.InvariantCulture, $"rating is {rating}; 0 to 1 fit.") : null)
        ?? (Fits(Interaction.Kind, Interaction.State) ? null : $"A {Interaction.Kind.ToString().ToLowerInvariant()} cannot be {Interaction.State.ToString().ToLowerInvariant()}.");

    /// <inheritdoc cref="CustomerWrite.Digest"/>
    public byte[] Digest() => Digests.Of(
    [
        CustomerKey, Number((int)Interaction.Kind), Number((int)Interaction.State), Number(Interaction.At.ToUnixTimeMilliseconds()),
        Number(Interaction.DueAt?.ToUnixTimeMilliseconds()), Number(Interaction.ClosedAt?.ToUnixTimeMilliseconds()),
        Interaction.Matter, Interaction.Channel, Interaction.Summary, Interaction.Amount?.ToString(CultureInfo.InvariantCulture) ?? "", Interaction.Currency,
        Interaction.Rating?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    ]);

    private static bool Fits(InteractionKind kind, InteractionState state) => state switch
    {
        InteractionState.None => true,
        InteractionState.Kept or InteractionState.Broken => kind == InteractionKind.Promise,
        _ => kind is InteractionKind.Ticket or InteractionKind.Promise or InteractionKind.Order or InteractionKind.Credit,
    };

    private static string? Time(string what, DateTimeOffset? time) =>
        time is { } at && (at < Earliest || at > Latest) ? $"{what} is in the year {at.Year}; 1970 to 2199 fit." : null;

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>What became of something that was told.</summary>
internal enum PutOutcome
{
    Added = 1,
    Changed = 2,
    Unchanged = 3,

    /// <summary>Kept is something that the source told later.</summary>
    Older = 4,
}

/// <summary>How much of anything is taken.</summary>
internal static class HistoryLimits
{
    public const int MaxId = 128, MaxName = 200, MaxWord = 64, MaxSummary = 500, MaxIdentifiers = 32;

    /// <summary>What is wrong with a text, null for nothing.</summary>
    public static string? Text(string what, string text, int least, int most)
    {
        if (text.Length < least) return $"{what} is empty.";
        if (text.Length > most) return $"{what} has {text.Length} characters; {most} at most.";
        return text.AsSpan().ContainsAnyInRange('\0', '\u001f') ? $"{what} holds control characters." : null;
    }
}

internal static class Digests
{
    /// <summary>The first 8 bytes of SHA-256 over the fields, each behind its length.</summary>
    public static byte[] Of(ReadOnlySpan<string> fields)
    {
        var most = 0;
        foreach (var field in fields) most += sizeof(int) + Encoding.UTF8.GetMaxByteCount(field.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        var length = 0;
        foreach (var field in fields)
        {
            var written = Encoding.UTF8.GetBytes(field, buffer.AsSpan(length + sizeof(int)));
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(length), written);
            length += sizeof(int) + written;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, length), hash);
        buffer.AsSpan(0, length).Clear();
        ArrayPool<byte>.Shared.Return(buffer);
        return hash[..8].ToArray();
    }
}
