using Microsoft.Extensions.Logging;

namespace BambooOrleans.Silo;

/// <summary>One line of JSON a message on standard output, as collectors of a cluster read it.</summary>
internal static class SiloLogging
{
    public static void Configure(ILoggingBuilder logging, LogLevel least)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(least);

        // Orleans places each grain through Polly, which would tell of it in two lines a grain.
        logging.AddFilter("Polly", LogLevel.Warning);
        logging.AddJsonConsole(options =>
        {
            options.IncludeScopes = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }
}
