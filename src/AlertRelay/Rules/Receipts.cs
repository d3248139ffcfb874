namespace EdgeAssist.AlertRelay.Rules;

/// <summary>Who was told of an alert, who saw it, who acted on it: each of them once a kind.</summary>
internal static class Receipts
{
    /// <summary>Receipts of one kind on an alert at most; who comes later changes nothing about «somebody saw it».</summary>
    public const int MostOfAKind = 32;

    /// <summary>False when it is noted already, or there is no room.</summary>
    public static bool Add(V1.Alert alert, V1.ReceiptKind kind, string subject, DateTimeOffset at)
    {
        var ofKind = 0;
        foreach (var receipt in alert.Receipts)
        {
            if (receipt.Kind != kind) continue;
            if (receipt.Subject == subject || ++ofKind >= MostOfAKind) return false;
        }

        alert.Receipts.Add(new V1.Receipt { Kind = kind, Subject = subject, At = Timestamp.FromDateTimeOffset(at) });
        return true;
    }

    /// <summary>It was shown to nobody, and nobody acted on it.</summary>
    public static bool IsUnseen(V1.Alert alert) => alert.Receipts.All(receipt => receipt.Kind == V1.ReceiptKind.Told);
}
