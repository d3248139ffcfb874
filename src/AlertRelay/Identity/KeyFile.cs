using System.Security.Cryptography;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>A secret key that is made at the first start and read at every other. Readable by its owner alone (0600).</summary>
internal static class KeyFile
{
    public const int Length = 32;

    /// <returns>The key, and whether it was made just now.</returns>
    /// <exception cref="InvalidDataException">The file is not a key, or others may read it.</exception>
    public static (byte[] Key, bool Made) ReadOrMake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path)) return (Make(path), true);

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new InvalidDataException($"The key {path} can be read by others. Run «chmod 600 {path}», or delete it to have a new one made (every token then ends).");

        var key = File.ReadAllBytes(path);
        if (key.Length != Length)
            throw new InvalidDataException($"The key {path} has {key.Length} bytes instead of {Length}. Put it back from a backup, or delete it to have a new one made (every token then ends).");
        return (key, false);
    }

    private static byte[] Make(string path)
    {
        var key = RandomNumberGenerator.GetBytes(Length);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        // Under another name first: a crash in between must not leave half a key behind.
        var half = path + ".new";
        File.Delete(half);
        using (var file = new FileStream(half, options))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(half, path);
        return key;
    }
}
