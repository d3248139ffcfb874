namespace EdgeAssist.Testing;

/// <summary>The folder of data and vectors beside the source tree; absent on machines that have only the tree.</summary>
public static class SharedFolder
{
    /// <summary>The full path of <paramref name="relative"/> in it, or null when it is not there.</summary>
    public static string? Find(string relative) => InTree(Path.Combine("..", "shared", relative));

    /// <summary>The full path of <paramref name="relative"/> in the source tree, or null when it is not there.</summary>
    public static string? InTree(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "EdgeAssist.sln"))) continue;
            var path = Path.GetFullPath(Path.Combine(folder.FullName, relative));
            return Path.Exists(path) ? path : null;
        }

        return null;
    }
}
