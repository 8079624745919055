using System.Globalization;
using System.Text.RegularExpressions;
using BambooOrleans.Console.Tests.Support;
using BambooOrleans.Pipelines;
using Xunit.Abstractions;

namespace BambooOrleans.Console.Tests;

/// <summary>
/// Pipelines of thousands of nodes. How fast they are is measured with the browser's own clock and printed; what is asserted is only that
/// nothing hangs, as the machine may have much else to do.
/// </summary>
public sealed class LargePipelineTests(Browser browser, ITestOutputHelper output) : ConsoleTest(browser)
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(10);

    // Frames that took longer than usual are seen by their distance to the one before, long tasks by the browser's own report.
    private const string StartWatching =
        """
        () => {
            const watch = { frames: [], tasks: [], last: performance.now() };
            watch.observer = new PerformanceObserver(list => list.getEntries().forEach(entry => watch.tasks.push(entry.duration)));
            watch.observer.observe({ type: 'longtask' });
            const frame = now => { watch.frames.push(now - watch.last); watch.last = now; watch.request = requestAnimationFrame(frame); };
            watch.request = requestAnimationFrame(frame);
            window.watch = watch;
        }
        """;

    private const string StopWatching =
        """
        () => {
            const { frames, tasks, observer, request } = window.watch;
            cancelAnimationFrame(request);
            observer.takeRecords().forEach(entry => tasks.push(entry.duration));
            observer.disconnect();
            return { frames: frames.slice(1), tasks };
        }
        """;

    [ChromiumFact]
    public async Task Two_thousand_nodes_are_moved_through_while_they_run()
    {
        PipelineTree tree = Trees.Large("large", 2000);
        await Served.RunAsync(tree);
        await OpenAsync();
        await Expect(Row("large")).ToBeVisibleAsync();
        await PlacedAsync("large", tree);

        // A closed sub-process is one node; one of them is opened.
        await Page.Keyboard.PressAsync("0");
        Figures(await MoveAsync(), "2,000 nodes, at rest");
        await FindAsync("large_sub1");
        await Page.Keyboard.PressAsync("o");
        await Expect(Node("large_sub1_a1")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("Escape");

        Served.Gates.Open("large_gate");
        Figures(await MoveAsync(), "2,000 nodes, running");
        Figures(await MoveAsync(), "2,000 nodes, running or just finished");
        await Expect(Page.GetByTestId("pipeline-state")).ToHaveAttributeAsync("data-state", "FINISHED", new() { Timeout = 60_000 });
        await Expect(Page.GetByTitle("2000 finished")).ToBeVisibleAsync();
        await ShootAsync("large-2000");
        await Page.Keyboard.PressAsync("2");
        await Expect(Page.GetByTestId("timeline-large_gate")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("3");
        await Expect(Page.GetByTestId("journal").GetByRole(AriaRole.Listitem).Last).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Ten_thousand_nodes_open()
    {
        PipelineTree tree = Trees.Large("huge", 10_000);
        await Served.RunAsync(tree);
        await OpenAsync();
        await PlacedAsync("huge", tree);
        Figures(await MoveAsync(), "10,000 nodes, at rest");
        await ShootAsync("large-10000");
        await FindAsync("huge_last");
        await Expect(Node("huge_last")).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task The_first_view_is_there_soon()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Served.SettleAsync(Trees.Chain($"p{number:D3}", Trees.Echo($"p{number:D3}_a")))));

        // Each time as if for the first time: nothing is kept from before.
        var firstRows = new List<double>();
        var paints = new List<double>();
        for (int round = 0; round < 3; round++)
        {
            IBrowserContext context = await NewContextAsync();
            await context.AddInitScriptAsync(
                """
                new MutationObserver((_, observer) => {
                    if (document.querySelector('[data-testid=pipeline-row]')) {
                        observer.disconnect();
                        requestAnimationFrame(() => setTimeout(() => { document.documentElement.dataset.firstRow = performance.now(); }));
                    }
                }).observe(document, { childList: true, subtree: true });
                """);
            IPage page = await context.NewPageAsync();
            await OpenAsync(page: page);
            await Expect(page.Locator("html")).ToHaveAttributeAsync("data-first-row", new Regex("."));
            firstRows.Add(double.Parse((await page.Locator("html").GetAttributeAsync("data-first-row"))!, CultureInfo.InvariantCulture));
            paints.Add(await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"));
            await context.DisposeAsync();
        }

        Say(string.Create(CultureInfo.InvariantCulture, $"first view of the list: first paint {paints.Min():F0} ms, first row {firstRows.Min():F0} ms (of three; slowest {firstRows.Max():F0} ms)"));
        Assert.All(firstRows, row => Assert.InRange(row, 1, Hang.TotalMilliseconds));
    }

    private async Task PlacedAsync(string id, PipelineTree tree)
    {
        await Page.GotoAsync($"/pipelines/{id}");
        await Expect(Page.GetByTestId("graph")).ToHaveAttributeAsync("data-placed", $"{tree.Nodes.Count()}", new() { Timeout = 60_000 });
        await SeePipelineAsync("RUNNING");
        double placed = await Page.EvaluateAsync<double>("performance.now()");
        Say(string.Create(CultureInfo.InvariantCulture, $"{id}: {tree.Nodes.Count():N0} nodes outside sub-processes drawn {placed:F0} ms after the page was asked for"));
    }

    private async Task FindAsync(string id)
    {
        await Page.Keyboard.PressAsync("/");
        ILocator box = Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find a node" });
        await box.FillAsync(id);
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Drawer).ToHaveAttributeAsync("data-node", id);
        await box.PressAsync("Escape");
    }

    private async Task<Motion> MoveAsync()
    {
        LocatorBoundingBoxResult box = (await Page.GetByTestId("graph").BoundingBoxAsync())!;
        (float x, float y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await Page.EvaluateAsync(StartWatching);
        await Page.Mouse.MoveAsync(x, y);
        for (int turn = 0; turn < 8; turn++)
        {
            await Page.Mouse.WheelAsync(0, -240);
        }

        for (int drag = 0; drag < 3; drag++)
        {
            await Page.Mouse.MoveAsync(x + 250, y + 100);
            await Page.Mouse.DownAsync();
            await Page.Mouse.MoveAsync(x - 250, y - 100, new() { Steps = 15 });
            await Page.Mouse.UpAsync();
        }

        await Page.Mouse.MoveAsync(x, y);
        for (int turn = 0; turn < 8; turn++)
        {
            await Page.Mouse.WheelAsync(0, 240);
        }

        return await Page.EvaluateAsync<Motion>(StopWatching);
    }

    private void Figures(Motion motion, string what)
    {
        double[] frames = [.. motion.Frames.Order()];
        Assert.NotEmpty(frames);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {frames.Length} frames while it was moved and zoomed, median {frames[frames.Length / 2]:F0} ms, 95 % under {frames[(int)(frames.Length * 0.95)]:F0} ms, longest {frames[^1]:F0} ms; {motion.Tasks.Length} tasks over 50 ms, longest {motion.Tasks.Append(0).Max():F0} ms"));
        Assert.InRange(frames[^1], 0, Hang.TotalMilliseconds);
    }

    private void Say(string figure)
    {
        output.WriteLine(figure);
        Directory.CreateDirectory(OutputFolder);
        File.AppendAllText(Path.Combine(OutputFolder, "figures.txt"), $"{DateTime.UtcNow:s}Z {figure}\n");
    }

    private sealed record Motion
    {
        public double[] Frames { get; init; } = [];

        public double[] Tasks { get; init; } = [];
    }
}
